/**
 * How long a session lives, and when that life is written again. Reads no clock of its own.
 */
import type { Cookie } from 'express-session'
import type { Clock } from './store.ts'

/** Life in **seconds** when neither `cookie.maxAge` nor `ttl` says otherwise. */
const day = 86_400

export interface LifeSettings {
  /** Idle life in **seconds** of sessions whose cookie has no `maxAge`. */
  readonly ttl?: number | undefined
  /** An unchanged session is renewed at most once in this many **seconds**; a tenth of its life. */
  readonly touchAfter?: number | undefined
  /** Lives need not be whole seconds. */
  readonly exact?: boolean
  readonly clock: Clock
}

export interface Life {
  /** **Seconds** a session with this cookie lives from now. */
  secondsOf(cookie: Cookie): number
  /** Moves `cookie.expires` to a full life from now; `originalMaxAge` stays as it was set. */
  renewCookie(cookie: Cookie): void
  /** The life to renew along with a read, if this process knows that it is due. */
  dueAtRead(id: string): number | undefined
  /** Whether a session just read must be renewed apart: its life is not yet known here. */
  dueAfterRead(id: string): boolean
  /**
   * Lets a cookie show what is left of the life: renewals are not written into the text, so the end that
   * stands there may be long past.
   *
   * @param end - when the life ends, in milliseconds since the epoch, if this process knows it
   */
  showEnd(cookie: Cookie, end: number | undefined): void
  /** When the life ends that was last given, in milliseconds since the epoch, if this process knows it. */
  endOf(id: string): number | undefined
  /** Remembers that the store renewed this session now, for `seconds`. */
  renewed(id: string, seconds: number): void
}

/** Ids whose renewal is remembered; forgetting one costs a store command, no correctness. */
const mostRemembered = 50_000

export function createLife({ ttl = day, touchAfter, exact, clock }: LifeSettings): Life {
  const wholeOf = (seconds: number) =>
    exact ? Math.max(0.001, seconds) : Math.max(1, Math.ceil(seconds))
  const renewals = new Map<string, { at: number; seconds: number }>()

  function isDue({ at, seconds }: { at: number; seconds: number }): boolean {
    return clock() - at >= (touchAfter ?? seconds / 10) * 1000
  }

  return {
    secondsOf: ({ originalMaxAge }) =>
      Number.isFinite(originalMaxAge) ? wholeOf(Number(originalMaxAge) / 1000) : ttl,
    renewCookie(cookie) {
      // Not through the setter: it would take originalMaxAge from the clock and lose a millisecond.
      const { originalMaxAge } = cookie
      if (typeof originalMaxAge === 'number') cookie._expires = new Date(clock() + originalMaxAge)
    },
    dueAtRead(id) {
      const last = renewals.get(id)
      return last && isDue(last) ? last.seconds : undefined
    },
    dueAfterRead(id) {
      const last = renewals.get(id)
      return !last || isDue(last)
    },
    showEnd(cookie, end) {
      const { _expires: stored, originalMaxAge } = cookie
      if (!(stored instanceof Date) || typeof originalMaxAge !== 'number') return
      const now = clock()
      const left = end ?? (stored.getTime() > now ? stored.getTime() : now + originalMaxAge)
      cookie._expires = new Date(left)
    },
    endOf(id) {
      const last = renewals.get(id)
      return last && last.at + last.seconds * 1000
    },
    renewed(id, seconds) {
      if (renewals.size >= mostRemembered) renewals.clear()
      renewals.set(id, { at: clock(), seconds })
    },
  }
}
