/**
 * Expiry without traffic: one timer for each session that sockets stand on. It asks the store before it
 * tells anything, since other nodes and HTTP renew lives too. Knows no socket.
 */
import type { Span } from '../session/life.ts'
import type { Clock } from '../session/store.ts'

export interface ExpiryOptions {
  /** **Seconds** before its end that a session is said to be expiring; 0: never. */
  readonly lead: number
  readonly clock: Clock
  /** **Seconds** left of a session's life: 0 when it is over, `undefined` when nobody can tell. */
  secondsLeft(id: string): Promise<number | undefined>
  expiring(id: string, seconds: number): void
  expired(id: string): void
}

export interface Expiry {
  /** What is left of a life from now, as far as this node knows. */
  livesFor(id: string, watch: Watch, span: Span): void
  /** Does what is due by now, and waits on for what is not. */
  look(id: string, watch: Watch): Promise<void>
  /**
   * Asks the store now.
   *
   * @param over - told instead of `expired`
   */
  check(id: string, watch: Watch, over?: (id: string) => void): Promise<void>
  /** Nobody waits for this end any more. */
  stop(watch: Watch): void
}

/** What is known of one life. */
export interface Watch {
  /** **Milliseconds** of its latest known life, and until when that lasts. */
  life: number
  aliveUntil: number
  /** When it ends whatever is done, in **milliseconds** since the epoch. */
  endsAt: number
  timer: NodeJS.Timeout | undefined
  stopped: boolean
  /** The end that has been announced; a later one is to be announced again. */
  toldEnd: number
}

/** Node's timers overflow above 24.8 days; once a day is often enough. */
const longestTimer = 86_400_000
const shortestTimer = 1000
/** A little later than the end: then the store agrees that it is over. */
const late = 20
/** **Milliseconds** by which two tidings of one end may differ. */
const slack = 1000

export function createWatch(): Watch {
  const unknown = { life: 0, aliveUntil: 0, endsAt: Infinity, toldEnd: 0 }
  return { ...unknown, timer: undefined, stopped: false }
}

export function createExpiry({ lead, clock, ...options }: ExpiryOptions): Expiry {
  function livesFor(id: string, watch: Watch, { seconds, atMost }: Span): void {
    const now = clock()
    watch.life = seconds * 1000
    watch.aliveUntil = now + watch.life
    const isNew = watch.endsAt === Infinity && atMost !== Infinity
    watch.endsAt = Math.min(watch.endsAt, now + atMost * 1000)
    // Later ends the timer finds out when it fires; of an earlier one it must be told.
    if (watch.timer && !isNew) return
    arm(id, watch, leftOf(watch, now) - leadOf(watch))
  }

  function arm(id: string, watch: Watch, milliseconds: number): void {
    clearTimeout(watch.timer)
    if (watch.stopped) return
    const wait = Math.min(Math.max(milliseconds, 0) + late, longestTimer)
    watch.timer = setTimeout(look, wait, id, watch).unref()
  }

  async function look(id: string, watch: Watch): Promise<void> {
    const early = leftOf(watch, clock()) - leadOf(watch)
    if (early > 0) arm(id, watch, early)
    else await check(id, watch)
  }

  async function check(id: string, watch: Watch, over = options.expired): Promise<void> {
    const isOver = watch.endsAt <= clock()
    // A store that is down ends nothing.
    const seconds = isOver ? 0 : await options.secondsLeft(id).catch(() => undefined)
    if (watch.stopped) return
    if (seconds === 0) over(id)
    // How long it lives on nobody can tell: it is asked again after a tenth of its life.
    else if (seconds === undefined) {
      const pause = Math.max(watch.life / 10, shortestTimer)
      arm(id, watch, Math.min(pause, watch.endsAt - clock()))
    } else goOn(id, watch, seconds)
  }

  function goOn(id: string, watch: Watch, seconds: number): void {
    const now = clock()
    watch.aliveUntil = now + seconds * 1000
    // Another node may have begun it: then this one has only guessed how long it is.
    watch.life = Math.max(watch.life, seconds * 1000)
    const left = leftOf(watch, now)
    const early = left - leadOf(watch)
    if (early > late || isTold(watch)) {
      arm(id, watch, early)
      return
    }
    options.expiring(id, Math.max(1, Math.round(left / 1000)))
    watch.toldEnd = endOf(watch)
    arm(id, watch, left)
  }

  /** Short lives are announced at their half. */
  function leadOf(watch: Watch): number {
    return isTold(watch) ? 0 : Math.min(lead * 1000, watch.life / 2)
  }

  function isTold(watch: Watch): boolean {
    return lead === 0 || endOf(watch) <= watch.toldEnd + slack
  }

  function stop(watch: Watch): void {
    watch.stopped = true
    clearTimeout(watch.timer)
  }

  return { livesFor, look, check, stop }
}

function endOf({ aliveUntil, endsAt }: Watch): number {
  return Math.min(aliveUntil, endsAt)
}

function leftOf(watch: Watch, now: number): number {
  return endOf(watch) - now
}
