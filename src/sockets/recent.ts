/**
 * What happened to sessions a little while ago, for sockets whose handshake was under way then: it looked
 * their session up before, and they stand on it only now.
 */
export interface Recent<T> {
  /** How much has happened; to be kept when a handshake begins. */
  count(): number
  /** @param key - the id, or what stands for it between nodes */
  add(key: string, what: T): void
  /** What has happened to one of these keys after there had been so much. */
  since(count: number, keys: readonly string[]): T | undefined
}

interface Entry<T> {
  readonly what: T
  readonly number: number
}

/** **Milliseconds** it is remembered at least; Socket.IO gives up a handshake before. */
const memory = 20_000

/** No timer: what is too old goes when something new comes. */
export function createRecent<T>(): Recent<T> {
  let young = new Map<string, Entry<T>>()
  let old = young
  let bornAt = 0
  let count = 0

  function add(key: string, what: T): void {
    const now = performance.now()
    if (now - bornAt > memory) {
      old = young
      young = new Map()
      bornAt = now
    }
    count += 1
    young.set(key, { what, number: count })
  }

  function since(known: number, keys: readonly string[]): T | undefined {
    // Nearly always nothing has happened meanwhile.
    if (known === count) return undefined
    const entries = keys.map((key) => young.get(key) ?? old.get(key))
    return entries.find((entry) => entry !== undefined && entry.number > known)?.what
  }

  return { count: () => count, add, since }
}
