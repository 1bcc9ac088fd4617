/**
 * Real modeler collections for tests: in memory, and in a real Redis over the client of their time.
 */
import { createRequire } from 'node:module'
import type { ConnectSession } from '../../../src/session/stores/connect-face.ts'
import type {
  ModelerCollection,
  ModelerRow,
} from '../../../src/session/stores/modeler-collection.ts'
import { openModelerStore } from '../../../src/session/stores/modeler-open.ts'
import type { TestRedis } from '../../support/redis.ts'

/** A cookie without an end. */
export const plain = { path: '/', httpOnly: true, originalMaxAge: null, expires: null }
/** A session with a cookie that ends in so many seconds, if any. */
export function sessionOf(data: object = {}, seconds?: number): ConnectSession {
  if (seconds === undefined) return { cookie: { ...plain }, ...data }
  const expires = new Date(Date.now() + seconds * 1000)
  return { cookie: { ...plain, originalMaxAge: seconds * 1000, expires }, ...data }
}

/** The adapter over it, and a clock to move. */
export async function openAdapter(collection: Collection) {
  let now = Date.now()
  const context = { clock: () => now, storeTimeout: 30, warn: () => {} }
  const store = openModelerStore({ modeler: collection }, context)
  return {
    store,
    advance(seconds: number) {
      now += seconds * 1000
    },
    close: () => store.close(),
  }
}

const require = createRequire(import.meta.url)

export type Done<T> = (error: unknown, value?: T) => void

/** With what our own code does not ask of one. */
export interface Collection extends ModelerCollection {
  readonly options: Record<string, unknown>
  list(options: object, done: Done<readonly string[]>): unknown
  copy(row: object): ModelerRow
}

/** modeler's own, in memory. */
export function memoryCollection(options: object = {}): Collection {
  return require('modeler')(options)
}

export interface RedisCollection {
  readonly collection: Collection
  close(): void
}

/** modeler-redis, each time under another prefix unless given. */
export function redisCollection({ host, port }: TestRedis, prefix = `m${Math.random()}:`) {
  const client = require('redis-2').createClient(port, host)
  const collection: Collection = require('modeler-redis')({ name: 'sessions', prefix, client })
  return { collection, close: () => client.end(true) }
}

/** The row as it is stored. */
export function rowOf(collection: ModelerCollection, id: string): Promise<ModelerRow | null> {
  return new Promise((resolve, reject) => {
    collection.load(id, (error, row) => (error ? reject(error) : resolve(row ?? null)))
  })
}

/** Stores a row past our code. */
export function saveRow(collection: ModelerCollection, row: ModelerRow): Promise<unknown> {
  return new Promise((resolve, reject) => {
    collection.save(row, (error) => (error ? reject(error) : resolve(row)))
  })
}
