/**
 * Endings of a little while ago, for sockets whose handshake was under way then: they found a session that
 * has ended before they stood on it.
 */
import type { EndReason } from '../session/visit.ts'

/** Why, and whether its clients may come back at once. */
export interface Farewell {
  readonly reason: EndReason
  readonly reconnect: boolean
}

export interface RecentEndings {
  /** How many endings there have been; to be kept when a handshake begins. */
  count(): number
  /** @param key - the id, or what stands for it between nodes */
  add(key: string, farewell: Farewell): void
  /** The ending of one of these keys after there had been so many. */
  since(count: number, keys: readonly string[]): Farewell | undefined
}

interface Entry extends Farewell {
  readonly number: number
}

/** **Milliseconds** an ending is remembered at least; Socket.IO gives up a handshake before. */
const memory = 20_000

/** No timer: what is too old goes when something new comes. */
export function createRecentEndings(): RecentEndings {
  let young = new Map<string, Entry>()
  let old = young
  let bornAt = 0
  let count = 0

  function add(key: string, { reason, reconnect }: Farewell): void {
    const now = performance.now()
    if (now - bornAt > memory) {
      old = young
      young = new Map()
      bornAt = now
    }
    count += 1
    young.set(key, { reason, reconnect, number: count })
  }

  function since(known: number, keys: readonly string[]): Farewell | undefined {
    // Nearly always nothing has ended meanwhile.
    if (known === count) return undefined
    return keys.map((key) => young.get(key) ?? old.get(key)).find((entry) => isAfter(known, entry))
  }

  return { count: () => count, add, since }
}

function isAfter(known: number, entry: Entry | undefined): entry is Entry {
  return entry !== undefined && entry.number > known
}
