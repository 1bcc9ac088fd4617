/**
 * The Connect face of a store of ours: what express-session and its kin call, on top of a `SessionStore`.
 * A class, since Connect stores are made by `new` and recognised as event emitters. Under `storeKey` it
 * gives the `SessionStore` itself: our engine swaps in that one and never calls the methods here.
 */

import { CatamaranError } from '../../errors.ts'
import { Store } from '../express-session.ts'
import { type Clock, type SessionStore, storeKey } from '../store.ts'
import { around } from './around.ts'

/** What a Connect method calls when it is done; without one it returns a promise. */
export type Callback<T> = (error?: unknown, value?: T) => void

/** What Connect stores are handed: the data, and a cookie that knows its life. */
export interface ConnectSession {
  cookie: { expires?: Date | string | false | null; originalMaxAge?: number | null }
  [key: string]: unknown
}

export interface ConnectFaceOptions {
  /** Life in **seconds** of a session whose cookie has no end; a day unless given. */
  ttl?: number
  clock?: Clock
}

/** Life in **seconds** where neither the cookie nor the store's owner names one. */
const usual = 86_400

/** Rounds of `set` against others that write the same record; far more than any ever need. */
const rounds = 100

/** A Connect store over `store`; `set` overwrites, as everywhere in Connect. */
export class ConnectFace extends Store {
  readonly #store: SessionStore
  readonly #ttl: number | undefined
  readonly #clock: Clock

  constructor(store: SessionStore, { ttl, clock = Date.now }: ConnectFaceOptions = {}) {
    super()
    this.#store = store
    this.#ttl = ttl
    this.#clock = clock
  }

  /** The store at heart; swaps in it are exact. */
  [storeKey](): SessionStore {
    return this.#ttl === undefined ? this.#store : around(this.#store, { ttl: this.#ttl })
  }

  /** Gives the session's data; `null` when unknown or expired. */
  get(id: string, callback?: Callback<ConnectSession | null>) {
    return answer(readSession(this.#store, id), callback)
  }

  /** Stores the session, whatever was there; one whose cookie has come to its end is removed. */
  set(id: string, session: ConnectSession, callback?: Callback<void>) {
    return answer(this.#set(id, session), callback)
  }

  /** Renews the life of a session that is stored; another is left alone. */
  touch(id: string, session: ConnectSession, callback?: Callback<void>) {
    const life = this.#lifeOf(session)
    const renewed: Promise<unknown> =
      life > 0 ? this.#store.touch(id, life) : this.#store.destroy(id)
    return answer(
      renewed.then(() => undefined),
      callback,
    )
  }

  destroy(id: string, callback?: Callback<void>) {
    return answer(
      this.#store.destroy(id).then(() => undefined),
      callback,
    )
  }

  /** Gives all sessions, each with its `id`. */
  all(callback?: Callback<ConnectSession[]>) {
    return answer(allSessions(this.#store), callback)
  }

  ids(callback?: Callback<string[]>) {
    return answer(allIds(this.#store), callback)
  }

  length(callback?: Callback<number>) {
    return answer(this.#store.count(), callback)
  }

  clear(callback?: Callback<void>) {
    return answer(this.#store.clear(), callback)
  }

  /** Releases what the store opened; afterwards nothing of it keeps the process alive. */
  close(callback?: Callback<void>) {
    return answer(this.#store.close(), callback)
  }

  async #set(id: string, session: ConnectSession): Promise<void> {
    const life = this.#lifeOf(session)
    if (life <= 0) await this.#store.destroy(id)
    else await overwrite(this.#store, { id, text: JSON.stringify(session), life })
  }

  #lifeOf({ cookie }: ConnectSession): number {
    const left = Math.ceil((Number(new Date(cookie.expires || Number.NaN)) - this.#clock()) / 1000)
    if (Number.isNaN(left)) return this.#ttl ?? usual
    // A touch renews the record, not the date in its text: a past one with a life of its own is only old.
    return left <= 0 ? Math.ceil((cookie.originalMaxAge ?? 0) / 1000) : left
  }
}

async function readSession(store: SessionStore, id: string): Promise<ConnectSession | null> {
  const text = await store.read(id)
  return text === undefined ? null : JSON.parse(text)
}

async function allIds(store: SessionStore): Promise<string[]> {
  const ids: string[] = []
  for await (const id of store.list()) ids.push(id)
  return ids
}

async function allSessions(store: SessionStore): Promise<ConnectSession[]> {
  const sessions: ConnectSession[] = []
  for await (const id of store.list()) {
    const session = await readSession(store, id)
    if (session) sessions.push({ ...session, id })
  }
  return sessions
}

/** @throws {CatamaranError} `E_SESSION_BUSY` when others write this record without a pause */
async function overwrite(
  store: SessionStore,
  { id, text, life }: { id: string; text: string; life: number },
): Promise<void> {
  let before = await store.read(id)
  for (let round = 0; round < rounds; round += 1) {
    if (before === undefined) {
      if (await store.create(id, text, life)) return
      before = await store.read(id)
    } else {
      const swapped = await store.swap(id, before, text, life)
      if (swapped === 'done') return
      before = swapped.text
    }
  }
  throw new CatamaranError('E_SESSION_BUSY', [`${rounds}`])
}

/** Calls back outside of the promise, so that what a callback throws is its own and it runs once. */
export function answer<T>(
  work: Promise<T>,
  callback: Callback<T> | undefined,
): Promise<T> | undefined {
  if (!callback) return work
  work.then(
    (value) => process.nextTick(callback, null, value),
    (error: unknown) => process.nextTick(callback, error),
  )
  return undefined
}
