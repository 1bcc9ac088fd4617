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
  /** Remembers that the store renewed this session now, for `seconds`. */
  renewed(id: string, seconds: number): void
}

/** Ids whose renewal is remembered; forgetting one costs a store command, no correctness. */
const mostRemembered = 50_000

export function createLife({ ttl = day, touchAfter, clock }: LifeSettings): Life {
  const renewals = new Map<string, { at: number; seconds: number }>()

  function isDue({ at, seconds }: { at: number; seconds: number }): boolean {
    return clock() - at >= (touchAfter ?? seconds / 10) * 1000
  }

  return {
    secondsOf: ({ originalMaxAge }) =>
      typeof originalMaxAge === 'number' ? Math.max(1, Math.ceil(originalMaxAge / 1000)) : ttl,
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
    renewed(id, seconds) {
      if (renewals.size >= mostRemembered) renewals.clear()
      renewals.set(id, { at: clock(), seconds })
    },
  }
}
