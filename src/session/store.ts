/**
 * The store contract: what the lifecycle asks of a place that keeps sessions.
 * A store keeps texts by id; it knows nothing of cookies, requests or merging.
 * `storeContract` in `catamaran/testing` checks every promise below on any store.
 */

/** How far a store's `swap` is exact: within this process, this machine, or all nodes that share it. */
export type Reach = 'process' | 'machine' | 'nodes'

/** Milliseconds since the epoch; passed in, so that tests can move time. */
export interface Clock {
  (): number
  /**
   * Only on clocks that tests move: has `heed` called after each step, and waits for it.
   *
   * @returns what ends that
   */
  onMove?(heed: () => Promise<void>): () => void
}

export interface SessionStore {
  /** The adapter's name, for logs and errors: `memory`, `redis`, … */
  readonly name: string
  readonly reach: Reach
  /** What its lives go by, where it is a clock this process has given it. */
  readonly clock?: Clock | undefined
  /** **Seconds** its owner wants sessions to live whose cookie has no `maxAge`, where the app says nothing. */
  readonly ttl?: number | undefined
  /**
   * Gives the stored text; `undefined` if unknown or expired.
   *
   * @param renew - when given, the life becomes this many **seconds**, in the same round trip
   * @throws {CatamaranError} `E_STORE_DOWN` when the store does not answer in time (all verbs)
   */
  read(id: string, renew?: number): Promise<string | undefined>
  /**
   * The same at once, without a promise, where the store has all in its memory; `null` where only `read` can
   * tell. A request whose session is read so goes on in the same tick.
   */
  readNow?(id: string, renew?: number): string | undefined | null
  /** Stores a new record for `ttl` **seconds**; `false` if that id exists already. */
  create(id: string, text: string, ttl: number): Promise<boolean>
  /**
   * Replaces `before` by `after` for `ttl` **seconds**, only if `before` is what is stored. Never creates.
   *
   * @returns `'done'`, or what is stored now: `{ text }`, with `undefined` when the record is gone
   */
  swap(id: string, before: string, after: string, ttl: number): Promise<SwapResult>
  /**
   * The same at once, without a promise, where the store has all in its memory; `false` where nothing was
   * replaced, and `swap` can tell why.
   */
  swapNow?(id: string, before: string, after: string, ttl: number): boolean
  /**
   * Renews the life for `ttl` **seconds**; `false` if the record is gone. Never creates one.
   *
   * @param session - as its request holds it; only Connect stores look at it
   */
  touch(id: string, ttl: number, session?: object): Promise<boolean>
  /**
   * Removes the record; removing nothing is no error.
   *
   * @returns the text it has removed, where the store can tell in the same step: so a logout finds the
   *   session that was rotated at the same moment
   */
  destroy(id: string): Promise<unknown>
  /** Walks over the ids of all living sessions, page by page; over their hashes where ids are hashed. */
  list(): AsyncIterable<string>
  /** The same records under the hashes that `list` gives; only where ids are hashed. */
  readonly byKey?: SessionStore
  /** **Seconds** the record still lives, `undefined` when it is gone; only where the store can tell. */
  secondsLeft?(id: string): Promise<number | undefined>
  count(): Promise<number>
  /** Removes all sessions of this store, and nothing else. */
  clear(): Promise<void>
  /** Resolves when the store answers now; rejects with `E_STORE_DOWN` otherwise. For `/health/ready`. */
  check(): Promise<void>
  /** How its server may lose sessions as it is set up; only where the store can tell. For `doctor`. */
  risks?(): Promise<readonly Risk[]>
  /** Releases what the store opened, and only that. Calling it again does nothing. */
  close(): Promise<void>
}

/** A way to lose sessions in a store that answers. */
export interface Risk {
  readonly what: string
  /** What to do about it. */
  readonly fix: string
}

/**
 * A Connect store that is one of ours at heart gives its `SessionStore` under this key, so that the engine
 * swaps in it instead of overwriting: `store[storeKey]()`. Never recognised by `instanceof`.
 */
export const storeKey: unique symbol = Symbol.for('catamaran.store') as never

export type SwapResult = 'done' | { readonly text: string | undefined }
