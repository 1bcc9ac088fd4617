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
  /** Calls `work`, passes on what comes of it in time, and rejects otherwise. Never throws. */
  within<T>(wait: W, work: () => Promise<T>): Promise<T>
  /** How many wait now. */
  waiting(): number
}

/** **Milliseconds** between two looks at those who wait. */
export const pace = 50

/** The timer runs only while somebody waits, and does not keep the process alive. */
export function createDeadlines<W extends Wait>({
  settled,
  late,
}: DeadlinesOptions<W>): Deadlines<W> {
  // Those who have their answer stay until the next look: taking each out by itself would cost more.
  let entries: { readonly wait: W; giveUp: ((error: Error) => void) | undefined }[] = []
  let waiting = 0
  let watching = false

  function watch(): void {
    watching = true
    // When this process was busy, answers may be here unread: let the sockets speak first.
    setTimeout(() => setImmediate(sweep), pace).unref()
  }

  function sweep(): void {
    const now = performance.now()
    const open = entries.filter(({ giveUp }) => giveUp)
    entries = open.filter(({ wait }) => wait.end > now)
    for (const entry of open) {
      if (entry.wait.end > now) continue
      const { giveUp } = entry
      entry.giveUp = undefined
      waiting -= 1
      settled(entry.wait, 'late')
      giveUp?.(late())
    }
    watching = false
    if (entries.length > 0) watch()
  }

  function within<T>(wait: W, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const entry: (typeof entries)[number] = { wait, giveUp: reject }
      const leave = (outcome: Outcome, error?: unknown) => {
        if (entry.giveUp) waiting -= 1
        else if (outcome === 'error') return
        settled(wait, entry.giveUp ? outcome : 'overdue', error)
        entry.giveUp = undefined
      }
      entries.push(entry)
      waiting += 1
      if (!watching) watch()
      start(work).then(
        (value) => {
          leave('answer')
          resolve(value)
        },
        (error: unknown) => {
          leave('error', error)
          reject(error)
        },
      )
    })
  }

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
