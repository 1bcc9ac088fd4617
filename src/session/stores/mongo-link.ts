/**
 * The link to MongoDB: whether its collection can be used now. The driver looks after connections; this
 * fails fast while the server is away, which the driver does not, and asks until it is back.
 */
import { createGuard, type Guard, type Link, within } from './guard.ts'
import type { Health } from './health.ts'
import { askFor, isCut, isReply, type MongoCollection } from './mongo-collection.ts'

interface LinkOptions {
  /** Gives the collection; asked again after a failure. */
  open(): Promise<MongoCollection>
  /** Why the client never was connected, as long as it was not. */
  reason?: (() => unknown) | undefined
  health: Health
  /** **Milliseconds** that one command may take. */
  deadline: number
  /** Takes secrets out of an error. */
  redact(error: unknown): Error
}

/** Milliseconds between two questions whether the server is back. */
const pause = 200

/** Watches a collection; its timers don't keep the process alive. */
export function createMongoLink({ open, reason, health, deadline, redact }: LinkOptions) {
  let usable: MongoCollection | undefined
  let closed = false
  let retry: NodeJS.Timeout | undefined

  async function ask(): Promise<MongoCollection> {
    const collection = await open()
    try {
      await askFor(collection)
    } catch (error) {
      // A first connection that failed meanwhile says why, a moment later; here it says only that it is closed.
      await new Promise(setImmediate)
      throw reason?.() ?? error
    }
    return collection
  }

  async function probe(): Promise<void> {
    try {
      const collection = await within(deadline, ask())
      if (closed) return
      usable = collection
      health.up()
    } catch (error) {
      if (closed) return
      health.down(error)
      retry = setTimeout(probe, pause).unref()
    }
  }

  function lose(lost: MongoCollection, error: unknown): void {
    if (usable !== lost) return
    usable = undefined
    health.down(error)
    probe()
  }

  let lastAnswer = 0
  const link: Link<MongoCollection> = {
    current: () => usable,
    drop(late, error) {
      // One that answers others is slow, or this process asks too much: no reason to refuse all.
      if (performance.now() - lastAnswer > deadline / 2) lose(late, error)
    },
  }
  const guard = createGuard({ name: 'mongo', link, health, deadline, redact, isReply })

  const answered = () => (lastAnswer = performance.now())
  const watching = watched(guard, { lose, answered })
  let trying: Promise<void> | undefined = probe().finally(() => {
    trying = undefined
  })

  return {
    /** Resolves when the first attempt has ended, well or not. */
    tried: trying,
    guard: {
      // Who comes before that waits for it: nothing is known of the server yet.
      run: (work) => (trying ? trying.then(() => watching.run(work)) : watching.run(work)),
    } satisfies Guard<MongoCollection>,
    close(): void {
      closed = true
      usable = undefined
      clearTimeout(retry)
    },
  }
}

interface Watcher {
  lose(collection: MongoCollection, error: unknown): void
  answered(): unknown
}

/** Learns from each command whether the server is there. */
function watched(
  { run }: Guard<MongoCollection>,
  { lose, answered }: Watcher,
): Guard<MongoCollection> {
  return {
    run: (work) =>
      run(async (collection, again) => {
        try {
          const value = await work(collection, again)
          answered()
          return value
        } catch (error) {
          if (isCut(error)) lose(collection, error)
          else answered()
          throw error
        }
      }),
  }
}
