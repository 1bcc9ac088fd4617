/**
 * Moves all sessions of one store to another, while apps use either. Cut off, it is simply run again: what
 * was moved is no longer in the old store.
 */
import { CatamaranError } from '../../errors.ts'
import { around } from './around.ts'
import { type Moved, move, type Route } from './moving.ts'

export interface CopyOptions extends Route {
  /** Leave the old store as it is; a second run then brings back what was ended since the first. */
  readonly keep: boolean
  /** Told after each session. */
  progress?(counts: Counts): void
}

/** How many sessions had which outcome. */
export type Counts = Record<Moved['outcome'], number>

/** Sessions that are under way at a time. */
const atOnce = 32

/**
 * @returns what became of how many sessions: moved, there already, ended meanwhile, or not to be read
 * @throws {CatamaranError} `E_STORE_HASHED`, and what the stores throw: nothing is left half-moved
 */
export async function copySessions({ keep, progress, ...given }: CopyOptions): Promise<Counts> {
  const route = byId(given)
  const counts: Counts = { moved: 0, there: 0, gone: 0, unreadable: 0 }
  const ids = route.from.list()[Symbol.asyncIterator]()
  let failed = false

  async function work(): Promise<void> {
    while (!failed) {
      const { done, value: id } = await ids.next()
      if (done) return
      try {
        const { outcome } = keep ? await copyOne(id, route) : await move(id, route)
        counts[outcome] += 1
        progress?.(counts)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }

  const results = await Promise.allSettled(Array.from({ length: atOnce }, work))
  const broken = results.find((result) => result.status === 'rejected')
  if (broken) throw broken.reason
  return counts
}

/** Hashes can be moved to hashes only: nobody knows the ids they were made of. */
function byId({ from, to, lifeOf }: Route): Route {
  if (!from.byKey) return { from, to, lifeOf }
  if (!to.byKey) throw new CatamaranError('E_STORE_HASHED')
  return { from: from.byKey, to: to.byKey, lifeOf }
}

/** As `move` does it, but for the note in the old store, which is only read. */
function copyOne(id: string, route: Route): Promise<Moved> {
  return move(id, { ...route, from: around(route.from, { swap: async () => 'done' }) })
}
