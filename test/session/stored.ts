/**
 * Stores for tests: on a real Redis, with what can be done behind its back, on MongoDB, and one of each kind.
 */
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest'
import type { SessionStore } from '../../src/session/store.ts'
import { openStore } from '../../src/session/stores/open.ts'
import { startMongo, type TestMongo } from '../support/mongo/server.ts'
import { ageKeys, describeRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { createSqliteGround } from './stores/sqlite-ground.ts'

const context = { root: process.cwd(), clock: Date.now, warn() {} }

/** A store on a Redis of its own, for one test. */
export async function redisStore() {
  const redis = await startRedis()
  onTestFinished(() => redis.close())
  const { store, prefix } = await storeOnRedis(redis)
  return {
    store,
    /** Lets **seconds** pass for all records. */
    age: (seconds: number) => ageKeys(redis.url, prefix, seconds),
  }
}

async function storeOnRedis({ host, port }: TestRedis) {
  const prefix = `test${process.pid}${performance.now()}:`
  const connection = { host, port, prefix }
  const store = await openStore({ adapter: 'redis', connection, storeTimeout: 20 }, context)
  onTestFinished(() => store.close())
  return { store, prefix }
}

async function storeOnMongo({ url }: TestMongo) {
  const connection = { url, db: `test${process.pid}-${Math.round(performance.now())}` }
  const store = await openStore({ adapter: 'mongo', connection, storeTimeout: 20 }, context)
  onTestFinished(async () => {
    await store.clear()
    await store.close()
  })
  return store
}

/** Opens a store for one test; `undefined` is the ground's own memory. */
export type OpenStore = () => Promise<SessionStore | undefined>

/** Describes the same on every store that nodes can share; those on a server share that. */
export function describeEveryStore(
  what: string,
  tests: (open: OpenStore, name: string) => void,
): void {
  describe(`${what} on memory`, () => tests(async () => undefined, 'memory'))
  describeRedis(`${what} on redis`, () => {
    const redis = served(startRedis)
    tests(async () => (await storeOnRedis(redis())).store, 'redis')
  })
  describe(`${what} on sqlite`, () => {
    tests(async () => (await createSqliteGround()).open(), 'sqlite')
  })
  describe(`${what} on mongo`, () => {
    const mongo = served(startMongo)
    tests(() => storeOnMongo(mongo()), 'mongo')
  })
}

/** A server for all tests of this block. */
function served<T extends { close(): Promise<void> }>(start: () => Promise<T>): () => T {
  let server: T | undefined
  beforeAll(async () => {
    server = await start()
  })
  afterAll(() => server?.close())
  return () => {
    if (!server) throw new Error('no server has started')
    return server
  }
}
