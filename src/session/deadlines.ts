/**
 * Deadlines of many waits, watched by one timer: a timer and a race for each would cost more than most
 * waits do. Knows no store.
 */

/** What became of a wait; `overdue`: an answer came after all, too late for who waited. */
export type Outcome = 'answer' | 'error' | 'late' | 'overdue'

/** One wait; its owner may keep more in it. */
export interface Wait {
  /** When it is late, on the clock of `performance.now()`; noticed up to `pace` after that. */
  readonly end: number
}

export interface DeadlinesOptions<W extends Wait> {
  /** Told of each outcome: one for every wait, and perhaps `overdue` after `late`. */
  settled(wait: W, outcome: Outcome, error?: unknown): void
  /** What a late wait is rejected with. */
  late(): Error
}

export interface Deadlines<W extends Wait> {
  /**
   * Calls `work`, passes on what comes of it in time, and rejects otherwise. Never throws.
   *
   * @param recover - asked what to do about its error or being late, instead of rejecting
   */
  within<T>(wait: W, work: () => Promise<T>, recover?: (error: unknown) => Promise<T>): Promise<T>
  /** How many wait now. */
  waiting(): number
}

/** Both until the outcome is known: what it holds must not outlive it in the memory. */
interface Entry<W> {
  wait: W | undefined
  giveUp: ((error: unknown) => void) | undefined
}

/** **Milliseconds** between two looks at those who wait. */
export const pace = 50

/** The timer runs only while somebody waits, and does not keep the process alive. */
export function createDeadlines<W extends Wait>({
  settled,
  late,
}: DeadlinesOptions<W>): Deadlines<W> {
  // Those who have their answer stay until the next look: taking each out by itself would cost more.
  let entries: Entry<W>[] = []
  let waiting = 0
  let watching = false

  function watch(): void {
    watching = true
    // When this process was busy, answers may be here unread: let the sockets speak first.
    setTimeout(() => setImmediate(sweep), pace).unref()
  }

  function sweep(): void {
    const now = performance.now()
    entries = entries.filter(({ wait }) => wait)
    const overdue = entries.filter(({ wait }) => wait && wait.end <= now)
    for (const entry of overdue) {
      const { giveUp } = entry
      leave(entry, 'late')
      giveUp?.(late())
    }
    watching = false
    if (entries.length > 0) watch()
  }

  function leave(entry: Entry<W>, outcome: Outcome, error?: unknown): void {
    const { wait } = entry
    if (!wait) return
    entry.wait = undefined
    entry.giveUp = undefined
    waiting -= 1
    settled(wait, outcome, error)
  }

  const within: Deadlines<W>['within'] = (wait, work, recover) =>
    new Promise((resolve, reject) => {
      const giveUp = recover ? (error: unknown) => resolve(recover(error)) : reject
      const entry: Entry<W> = { wait, giveUp }
      entries.push(entry)
      waiting += 1
      if (!watching) watch()
      start(work).then(
        (value) => {
          if (entry.wait) leave(entry, 'answer')
          else settled(wait, 'overdue')
          resolve(value)
        },
        (error: unknown) => {
          if (!entry.wait) return
          leave(entry, 'error', error)
          giveUp(error)
        },
      )
    })

  return { within, waiting: () => waiting }
}

/** A store that throws instead of rejecting is not better than one that rejects. */
function start<T>(work: () => Promise<T>): Promise<T> {
  try {
    return work()
  } catch (error) {
    return Promise.reject(error)
  }
}
