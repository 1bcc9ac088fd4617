/**
 * What all who wrap the same Connect store must have in common, or two `session()` on it would overwrite
 * each other: whose turn it is, and which ids were created or destroyed in this process.
 */
import { createTurns, type InTurn } from '../turns.ts'

type Ids = Pick<Set<string>, 'has' | 'add' | 'delete'>

export interface Shared {
  readonly inTurn: InTurn
  readonly created: Ids
  readonly destroyed: Ids
}

/** Ids that are remembered; forgetting some costs exactness within a race. */
const mostRemembered = 10_000

/** It stands on the store itself, unseen by its own loops: whoever holds the store finds it. */
const key: unique symbol = Symbol.for('catamaran.shared') as never

export function sharedOf(store: object): Shared {
  // Not by `store[key]`: some stores are proxies that have a method of any name.
  const known = Object.getOwnPropertyDescriptor(store, key)?.value as Shared | undefined
  if (known) return known
  const shared = { inTurn: createTurns(), created: createMemory(), destroyed: createMemory() }
  // A frozen one is wrapped by each for itself.
  if (Object.isExtensible(store)) Object.defineProperty(store, key, { value: shared })
  return shared
}

/** A set of ids that does not grow without end. */
function createMemory(): Ids {
  const ids = new Set<string>()
  return {
    has: (id) => ids.has(id),
    delete: (id) => ids.delete(id),
    add(id) {
      if (ids.size >= mostRemembered) ids.clear()
      return ids.add(id)
    },
  }
}
