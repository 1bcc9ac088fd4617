/**
 * `MemoryStore` as express-session has it: the same methods, callable without `new`, over our memory store.
 * Under `storeKey` it gives that store, so that our engine swaps in it; both see the same sessions.
 */
import { Store } from '../express-session.ts'
import { type SessionStore, storeKey } from '../store.ts'
import { answer, type Callback, type ConnectSession } from './connect-face.ts'
import { createMemoryStore } from './memory.ts'
import { createShelf } from './memory-shelf.ts'
import { type MemoryTexts, textsOf } from './memory-texts.ts'

export interface MemoryStore extends Store {
  /** The stored texts by id, to look at and to change. */
  sessions: Record<string, string>
  get(id: string, callback?: Callback<ConnectSession | undefined>): unknown
  set(id: string, session: object, callback?: Callback<void>): unknown
  touch(id: string, session: object, callback?: Callback<void>): unknown
  destroy(id: string, callback?: Callback<void>): unknown
  /** Gives all sessions by their ids. */
  all(callback?: Callback<Record<string, ConnectSession>>): unknown
  length(callback?: Callback<number>): unknown
  clear(callback?: Callback<void>): unknown
  [storeKey](): SessionStore
}

/** What express-session's has no bound for. */
export interface MemoryLimits {
  /** What the sessions may take, in **bytes**; beyond it the oldest go. 256 MB unless given. */
  readonly maxBytes?: number
}

/** By `new`, or called on an object that stands on it. */
export interface MemoryStoreConstructor {
  new (options?: MemoryLimits): MemoryStore
  (this: MemoryStore, options?: MemoryLimits): void
  readonly prototype: MemoryStore
}

const heart: unique symbol = Symbol('catamaran.memory')

interface Made extends MemoryStore {
  [heart]: { readonly texts: MemoryTexts; readonly store: SessionStore }
}

/** A function and no class: stores that stand on it call it without `new`. */
export const MemoryStore = function MemoryStore(this: Made, { maxBytes }: MemoryLimits = {}): void {
  ;(Store as unknown as (this: object) => void).call(this)
  const options = { clock: Date.now, ...(maxBytes !== undefined && { maxBytes }) }
  const shelf = createShelf(options)
  const texts = textsOf(shelf, options.clock)
  const store = createMemoryStore(options, shelf)
  Object.defineProperty(this, heart, { value: { texts, store } })
  Object.defineProperty(this, 'sessions', {
    get: () => texts.view,
    set: (given: Record<string, string>) => texts.replace(given),
    enumerable: true,
    configurable: true,
  })
} as unknown as MemoryStoreConstructor

const methods: Omit<MemoryStore, keyof Store | 'sessions'> & ThisType<Made> = {
  get(id, callback) {
    return settled(() => this[heart].texts.get(id), callback)
  },
  set(id, session, callback) {
    return settled(() => this[heart].texts.set(id, session as ConnectSession), callback)
  },
  touch(id, session, callback) {
    return settled(() => this[heart].texts.touch(id, session as ConnectSession), callback)
  },
  destroy(id, callback) {
    return settled(() => this[heart].texts.remove(id), callback)
  },
  all(callback) {
    return settled(() => this[heart].texts.all(), callback)
  },
  length(callback) {
    return settled(() => Object.keys(this[heart].texts.all()).length, callback)
  },
  clear(callback) {
    return settled(() => this[heart].texts.clear(), callback)
  },
  [storeKey]() {
    // Its sessions are its owner's: who only uses them ends none.
    return { ...this[heart].store, close: async () => {} }
  },
}

/** Does the work at once; what it throws goes where its result would have gone. */
function settled<T>(work: () => T, callback: Callback<T> | undefined) {
  return answer(new Promise<T>((resolve) => resolve(work())), callback)
}

Object.setPrototypeOf(MemoryStore, Store)
Object.setPrototypeOf(MemoryStore.prototype, Store.prototype)
for (const name of Reflect.ownKeys(methods)) {
  const value = Reflect.get(methods, name)
  Object.defineProperty(MemoryStore.prototype, name, { value, writable: true, configurable: true })
}
