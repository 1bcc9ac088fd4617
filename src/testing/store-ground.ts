/**
 * What the tests of the store contract share.
 */
import type { SessionStore } from '../session/store.ts'

/** A store under test, and what the tests need around it. */
export interface OpenedStore {
  store: SessionStore
  /** Lets time pass for this store, in **seconds**: move its clock, or wait. */
  advance(seconds: number): Promise<void> | void
  /** A second store in the same place with another prefix, where the store has such a thing. */
  neighbour?: SessionStore
  /** Closes everything that `open` opened. */
  close(): Promise<void>
}

/** One promise, tested on a store that was opened empty. */
export type Test = (opened: OpenedStore) => Promise<void>

/** A life, in **seconds**, that no test outlives. */
export const ttl = 600

/** All ids the store lists, sorted. */
export async function idsOf(store: SessionStore): Promise<string[]> {
  const ids: string[] = []
  for await (const id of store.list()) ids.push(id)
  return ids.sort()
}

/** Stores an empty record for each id. */
export async function fill(store: SessionStore, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map((id) => store.create(id, '{}', ttl)))
}
