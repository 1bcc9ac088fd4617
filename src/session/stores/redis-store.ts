/**
 * `RedisStore` for `catamaran/stores`: connect-redis's own class, with its faults cured, for express-session
 * or for our `session()`, which swaps in it by `storeKey`. The app brings the client and ends it.
 */
import { RedisStore as ConnectRedisStore } from 'connect-redis'
import type { Store } from '../express-session.ts'
import { type SessionStore, storeKey } from '../store.ts'
import { answer, type Callback } from './connect-face.ts'
import { assembleStore } from './redis-assemble.ts'
import { createRedactor, givenClient } from './redis-client.ts'
import { createGuard, type RedisGuard } from './redis-guard.ts'
import { type Lives, type Serializer, withLives, withSerializer } from './redis-habits.ts'
import { createHealth } from './redis-health.ts'
import { borrowLink } from './redis-link.ts'
import { eachKey, keyPages } from './redis-scan.ts'

/** The options of connect-redis 10. */
export interface RedisStoreOptions {
  /** A client of the package `redis`, version 5 or newer, single server or cluster. */
  client: object
  /** Put before each id; `sess:` unless given. */
  prefix?: string
  /** Keys asked for at a time when all are walked over; 100 unless given. */
  scanCount?: number
  serializer?: Serializer
  /** **Seconds** a session without an expiring cookie lives, or a function; a day unless given. */
  ttl?: Lives['ttl']
  disableTTL?: boolean
  disableTouch?: boolean
}

/** How our engine uses a Connect store of ours. */
export interface EngineUse {
  /** **Seconds** that a verb may take; 1.5 unless given. */
  storeTimeout?: number
  warn?(message: string): void
}

/** The session as Connect stores are given it. */
interface SessionLike {
  cookie?: {
    expires?: Date | string | number | null | false
    /** **Milliseconds** from each use on. */
    originalMaxAge?: number | null
  }
}

/** connect-redis's class as its documentation shows it: its types keep what we replace private. */
interface ConnectRedis extends Store {
  client: object
  prefix: string
  scanCount: number
  serializer: Serializer
  ttl: number | ((session: object) => number)
  disableTTL: boolean
  disableTouch: boolean
  get(id: string): Promise<unknown> | undefined
  set(id: string, session: SessionLike): Promise<unknown> | undefined
  touch(id: string, session: SessionLike): Promise<unknown> | undefined
  destroy(id: string): Promise<unknown> | undefined
}
const Base = ConnectRedisStore as unknown as new (options: RedisStoreOptions) => ConnectRedis

/** A Connect store in Redis: callbacks, or promises where none is given. */
export class RedisStore extends Base {
  readonly #ruled: boolean

  constructor(options: RedisStoreOptions) {
    super(options)
    this.#ruled = Boolean(options.ttl)
  }

  override get(id: string, done?: Callback<unknown>) {
    return answer(Promise.resolve(super.get(id)), done)
  }

  override set(id: string, session: SessionLike, done?: Callback<unknown>) {
    return answer(Promise.resolve(super.set(id, session)), done)
  }

  override touch(id: string, session: SessionLike, done?: Callback<unknown>) {
    return answer(Promise.resolve(super.touch(id, session)), done)
  }

  override destroy(id: string, done?: Callback<unknown>) {
    return answer(Promise.resolve(super.destroy(id)), done)
  }

  clear(done?: Callback<unknown>) {
    return answer(this.#clear(), done)
  }

  length(done?: Callback<number>) {
    return answer(
      this.getAllKeys().then((keys) => keys.length),
      done,
    )
  }

  ids(done?: Callback<string[]>) {
    const ids = this.getAllKeys().then((keys) => keys.map((key) => key.slice(this.prefix.length)))
    return answer(ids, done)
  }

  all(done?: Callback<object[]>) {
    return answer(this.#all(), done)
  }

  /**
   * Gives our engine this store's records, compared and swapped, over the same client.
   *
   * @throws {CatamaranError} `E_STORE_OPTIONS` when the client is not node-redis
   */
  [storeKey]({ storeTimeout = 1.5, warn = console.warn }: EngineUse = {}): SessionStore {
    const { prefix, scanCount, serializer, ttl, disableTTL, disableTouch } = this
    const redact = createRedactor({})
    const health = createHealth({ address: 'the client given to RedisStore', warn, redact })
    const link = borrowLink(givenClient(this.client), health)
    const guard = createGuard({ link, health, redact, deadline: storeTimeout * 1000 })
    const parts = { guard, prefix, scanCount, warn, close: link.close }
    const store = assembleStore({ RedisStore: ConnectRedisStore, ...parts })
    const coded = serializer === JSON ? store : withSerializer(store, serializer)
    const lives = { ttl: this.#ruled ? ttl : undefined, disableTTL, disableTouch }
    const known = typeof lives.ttl === 'number' && { ttl: lives.ttl }
    return { ...withLives(coded, lives), ...known }
  }

  /**
   * The **seconds** connect-redis gives a session, which asks here. A cookie that is past its expiry though
   * its life counts from each use is one that was touched since: it must not end a living session.
   */
  getTTL(session: SessionLike): number {
    if (typeof this.ttl === 'function') return this.ttl(session)
    const { expires, originalMaxAge } = session?.cookie ?? {}
    if (!expires) return this.ttl
    const left = Math.ceil((Number(new Date(expires)) - Date.now()) / 1000)
    return left <= 0 && originalMaxAge && originalMaxAge > 0
      ? Math.ceil(originalMaxAge / 1000)
      : left
  }

  /** Every key once. */
  async getAllKeys(): Promise<string[]> {
    const { prefix, scanCount } = this
    const keys = new Set<string>()
    for await (const page of keyPages(this.#direct(), { prefix, scanCount })) {
      for (const key of page) keys.add(key)
    }
    return [...keys]
  }

  /** The client as it is: what express-session waits for is its own affair. */
  #direct(): RedisGuard {
    const client = givenClient(this.client)
    return { run: (work) => work(client, false) }
  }

  async #clear(): Promise<null> {
    await eachKey(this.#direct(), await this.getAllKeys(), (redis, key) => redis.del(key))
    return null
  }

  async #all(): Promise<object[]> {
    const keys = await this.getAllKeys()
    // Asked for by MGET a key of another type is nothing, as in connect-redis.
    const values = await eachKey(this.#direct(), keys, (redis, key) => redis.mGet([key]))
    const sessions = keys.map(async (key, index) => {
      const value = values[index]?.[0]
      if (!value) return undefined
      return Object.assign(await this.serializer.parse(value), {
        id: key.slice(this.prefix.length),
      })
    })
    return (await Promise.all(sessions)).filter((session) => session !== undefined)
  }
}
