/**
 * What connect-mongo 6 is, in types: its options, its documents and its class, with the members that its
 * own types keep private though its suite and we use them.
 */

import type { Collection, MongoClient, MongoClientOptions } from 'mongodb'
import type { Store } from '../express-session.ts'
import type { SessionStore, storeKey } from '../store.ts'
import type { CryptoAdapter, Transform } from './mongo-coded.ts'

/** The options of connect-mongo 6. */
export interface MongoStoreOptions {
  /** One of these three says where MongoDB is. */
  mongoUrl?: string
  clientPromise?: Promise<MongoClient>
  client?: MongoClient
  mongoOptions?: MongoClientOptions
  dbName?: string
  /** `sessions` unless given. */
  collectionName?: string
  /** **Seconds** a session without an expiring cookie lives; two weeks unless given. */
  ttl?: number
  /** **Seconds** within which an unchanged session is not renewed again. */
  touchAfter?: number
  stringify?: boolean
  autoRemove?: 'native' | 'interval' | 'disabled'
  /** **Minutes**. */
  autoRemoveInterval?: number
  serialize?: (session: never) => unknown
  unserialize?: (value: never) => unknown
  writeOperationOptions?: object
  transformId?: (id: string) => string
  crypto?: CryptoOptions
  cryptoAdapter?: CryptoAdapter
  timestamps?: boolean
}

/** Options of `crypto`, which connect-mongo hands to kruptein. */
export interface CryptoOptions {
  secret: string | false
  algorithm?: string
  hashing?: string
  encodeas?: string
  key_size?: number
  iv_size?: number
  at_size?: number
}

/** What connect-mongo calls when it is done. */
type Done<T> = (error: unknown, value?: T) => void

/** connect-mongo's class; its own types keep private what its suite and we use. */
export interface ConnectMongo extends Store {
  readonly options: MongoStoreOptions & { touchAfter: number }
  readonly cryptoAdapter: CryptoAdapter | null
  readonly transformFunctions: Transform
  timer?: NodeJS.Timeout | undefined
  clientP: Promise<MongoClient>
  collectionP: Promise<Collection<StoredSession>>
  get(id: string, done: Done<unknown>): void
  set(id: string, session: object, done?: Done<void>): void
  touch(id: string, session: object, done?: Done<void>): void
  destroy(id: string, done?: Done<void>): void
  all(done: Done<unknown[]>): void
  length(done: Done<number>): void
  clear(done?: Done<void>): void
  close(): Promise<void>
  setAutoRemove(collection: Collection<StoredSession>): Promise<unknown>
}

/** A document as connect-mongo writes it. */
export interface StoredSession {
  _id: string
  session: unknown
  expires?: Date
  lastModified?: Date
  createdAt?: Date
  updatedAt?: Date
}

export type ConnectMongoClass = new (options: MongoStoreOptions) => ConnectMongo

/** What connect-mongo's module and the driver's have that is needed here. */
export interface MongoModules {
  MongoStore: ConnectMongoClass
  MongoClient: new (url: string, options: MongoClientOptions) => MongoClient
}

/** Options of `createWebCryptoAdapter`. */
export interface WebCryptoOptions {
  secret: string | ArrayBuffer | ArrayBufferView
  ivLength?: number
  encoding?: 'base64' | 'base64url' | 'hex'
  algorithm?: 'AES-GCM' | 'AES-CBC'
  salt?: string | ArrayBuffer | ArrayBufferView
  iterations?: number
}

/** What our engine tells a Connect store of ours that it uses. */
export interface EngineUse {
  /** **Seconds** that a verb may take; 1.5 unless given. */
  storeTimeout?: number
  warn?(message: string): void
}

/** A Connect store in MongoDB that our engine can swap in. */
export interface MongoStore extends ConnectMongo {
  /** Ends the timers and leaves the client open. */
  stop(): void
  [storeKey](use?: EngineUse): SessionStore
}

export interface MongoStoreClass {
  new (options: MongoStoreOptions): MongoStore
  create(options: MongoStoreOptions): MongoStore
}
