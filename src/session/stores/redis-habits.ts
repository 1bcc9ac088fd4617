/**
 * Options of connect-redis that change what a store writes or how long it lives, laid over a store of ours:
 * `serializer`, `ttl`, `disableTTL`, `disableTouch`.
 */
import type { SessionStore } from '../store.ts'

/** What writes and reads a stored session; `parse` may take its time. */
export interface Serializer {
  parse(text: string): object | Promise<object>
  stringify(session: object): string
}

/** How connect-redis was told to choose lives. */
export interface Lives {
  /** **Seconds**, or a function of the session that gives them; unset: what the caller says. */
  ttl?: number | ((session: object) => number) | undefined
  /** Records never expire. */
  disableTTL?: boolean | undefined
  /** A read or touch never renews. */
  disableTouch?: boolean | undefined
}

/**
 * Keeps what `serializer` makes of each text. A swap costs a read more: only the whole stored value can be
 * compared on the server. A value that it can't read is taken as it is, since it may be older than it, and a
 * text that is no JSON (an encrypted one) is kept as it is.
 */
export function withSerializer(store: SessionStore, serializer: Serializer): SessionStore {
  function encode(text: string): string {
    const session = parsed(text)
    return session === undefined ? text : serializer.stringify(session)
  }

  async function decode<T extends string | undefined>(value: T): Promise<string | T> {
    if (value === undefined) return value
    try {
      return JSON.stringify(await serializer.parse(value))
    } catch {
      return value
    }
  }

  return {
    ...store,
    read: async (id, renew) => decode(await store.read(id, renew)),
    create: async (id, text, ttl) => store.create(id, encode(text), ttl),
    async destroy(id) {
      const removed = await store.destroy(id)
      return typeof removed === 'string' ? decode(removed) : removed
    },
    async swap(id, before, after, ttl) {
      const value = await store.read(id)
      const text = await decode(value)
      if (value === undefined || text !== before) return { text }
      const result = await store.swap(id, value, encode(after), ttl)
      return result === 'done' ? result : { text: await decode(result.text) }
    },
  }
}

/** Lets the store's own rules choose each life. Reads the session for that where a rule needs it. */
export function withLives(store: SessionStore, lives: Lives): SessionStore {
  const { ttl, disableTTL = false } = lives
  const disableTouch = disableTTL || lives.disableTouch === true
  const seconds = (text: string, given: number) =>
    disableTTL ? Number.POSITIVE_INFINITY : ttl === undefined ? given : ruledLife(ttl, text, given)

  async function read(id: string, renew?: number): Promise<string | undefined> {
    if (disableTouch) return store.read(id)
    if (ttl === undefined || renew === undefined) return store.read(id, renew)
    const text = await store.read(id)
    if (text !== undefined) await store.touch(id, seconds(text, renew))
    return text
  }

  return {
    ...store,
    read,
    create: (id, text, given) => store.create(id, text, seconds(text, given)),
    swap: (id, before, after, given) => store.swap(id, before, after, seconds(after, given)),
    async touch(id, given) {
      if (disableTouch) return (await store.read(id)) !== undefined
      return ttl === undefined ? store.touch(id, given) : (await read(id, given)) !== undefined
    },
  }
}

/** A function always decides; a number only where the cookie says nothing. */
function ruledLife(ttl: NonNullable<Lives['ttl']>, text: string, given: number): number {
  const session: { cookie?: { expires?: unknown } } = parsed(text) ?? {}
  if (typeof ttl === 'function') return ttl(session)
  return session.cookie?.expires ? given : ttl
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
