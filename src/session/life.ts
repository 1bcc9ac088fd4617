/**
 * How long a session lives, by its two clocks (without a visit, and since it began), and when that life is
 * written again. Reads no clock of its own.
 */
import type { Cookie } from './express-session.ts'
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
  /** **Seconds** a session lives from its beginning, however often it is visited. */
  readonly absolute?: number | undefined
  readonly clock: Clock
}

/** When a session began, in **milliseconds** since the epoch, where it is known. */
type Created = number | undefined

/** What is left of a session's life, in **seconds**. */
export interface Span {
  /** Without another visit. */
  readonly seconds: number
  /** Whatever is done; infinite where `absolute` isn't set. */
  readonly atMost: number
}

export interface Life {
  /** **Seconds** a session with this cookie lives from now. */
  secondsOf(cookie: Cookie, created?: Created): number
  /** With the id, what is left since its life was last renewed, as far as this process knows. */
  spanOf(cookie: Cookie, created?: Created, id?: string): Span
  /** Moves `cookie.expires` to a full life from now; `originalMaxAge` stays as it was set. */
  renewCookie(cookie: Cookie, created?: Created): void
  /** Whether its absolute life is over. */
  isOver(created: Created): boolean
  /** **Milliseconds** since the epoch. */
  now(): number
  /** When a session that begins now has begun, where that must be kept. */
  beginning(): Created
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
  showEnd(cookie: Cookie, end: number | undefined, created?: Created): void
  /** When the life ends that was last given, in milliseconds since the epoch, if this process knows it. */
  endOf(id: string): number | undefined
  /** Remembers that the store renewed this session now, for `seconds`. */
  renewed(id: string, seconds: number, created?: Created): void
}

interface Renewal {
  readonly at: number
  readonly seconds: number
  readonly created: Created
}

/** Ids whose renewal is remembered; forgetting one costs a store command, no correctness. */
const mostRemembered = 50_000

export function createLife(settings: LifeSettings): Life {
  const { ttl = day, touchAfter, absolute, exact, clock } = settings
  const renewals = new Map<string, Renewal>()

  function wholeOf(seconds: number): number {
    return exact ? Math.max(0.001, seconds) : Math.max(1, Math.ceil(seconds))
  }

  function isDue({ at, seconds, created }: Renewal): boolean {
    const now = clock()
    // What lives to its absolute end already can't be renewed.
    if (at + seconds * 1000 >= overAt(created)) return false
    return now - at >= (touchAfter ?? seconds / 10) * 1000
  }

  /** When its absolute life ends, in **milliseconds** since the epoch. */
  function overAt(created: Created): number {
    return absolute === undefined || created === undefined ? Infinity : created + absolute * 1000
  }

  function atMost(seconds: number, created: Created): number {
    const end = overAt(created)
    return end === Infinity ? seconds : Math.min(seconds, wholeOf((end - clock()) / 1000))
  }

  function secondsOf({ originalMaxAge }: Cookie, created?: Created): number {
    const idle = Number.isFinite(originalMaxAge) ? wholeOf(Number(originalMaxAge) / 1000) : ttl
    return atMost(idle, created)
  }

  function endOf(id: string | undefined): number | undefined {
    const last = id === undefined ? undefined : renewals.get(id)
    return last && last.at + last.seconds * 1000
  }

  return {
    secondsOf,
    spanOf(cookie, created, id) {
      const now = clock()
      const left = (endOf(id) ?? 0) - now
      const full = secondsOf(cookie, created)
      return {
        seconds: left > 0 ? Math.min(full, left / 1000) : full,
        atMost: Math.max(0, overAt(created) - now) / 1000,
      }
    },
    isOver: (created) => overAt(created) <= clock(),
    now: clock,
    beginning: () => (absolute === undefined ? undefined : clock()),
    renewCookie(cookie, created) {
      // Not through the setter: it would take originalMaxAge from the clock and lose a millisecond.
      const { originalMaxAge } = cookie
      if (typeof originalMaxAge !== 'number') return
      cookie._expires = new Date(Math.min(clock() + originalMaxAge, overAt(created)))
    },
    dueAtRead(id) {
      const last = renewals.get(id)
      return last && isDue(last) ? atMost(last.seconds, last.created) : undefined
    },
    dueAfterRead(id) {
      const last = renewals.get(id)
      return !last || isDue(last)
    },
    showEnd(cookie, end, created) {
      const { _expires: stored, originalMaxAge } = cookie
      if (!(stored instanceof Date) || typeof originalMaxAge !== 'number') return
      const now = clock()
      // By other clocks than ours it lives: what is past is only old.
      const left = [end, stored.getTime()].find((time) => time !== undefined && time > now)
      cookie._expires = new Date(Math.min(left ?? now + originalMaxAge, overAt(created)))
    },
    endOf,
    renewed(id, seconds, created) {
      if (renewals.size >= mostRemembered) renewals.clear()
      renewals.set(id, { at: clock(), seconds, created })
    },
  }
}
