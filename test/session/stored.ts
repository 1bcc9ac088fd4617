/**
 * A store on a real Redis for one test, and what can be seen and done behind its back.
 */
import { onTestFinished } from 'vitest'
import { openStore } from '../../src/session/stores/open.ts'
import { startMongo } from '../support/mongo/server.ts'
import { ageKeys, startRedis } from '../support/redis.ts'

export async function redisStore() {
  const redis = await startRedis()
  const prefix = `test${process.pid}${performance.now()}:`
  const connection = { host: redis.host, port: redis.port, prefix }
  const context = { root: process.cwd(), clock: Date.now, warn() {} }
  const store = await openStore({ adapter: 'redis', connection, storeTimeout: 20 }, context)
  onTestFinished(async () => {
    await store.close()
    await redis.close()
  })

  return {
    store,
    /** Lets **seconds** pass for all records. */
    age: (seconds: number) => ageKeys(redis.url, prefix, seconds),
  }
}

/** A store on MongoDB, or on what stands in for it, for one test. */
export async function mongoStore() {
  const server = await startMongo()
  const connection = { url: server.url, db: `test${process.pid}-${Math.round(performance.now())}` }
  const context = { root: process.cwd(), clock: Date.now, warn() {} }
  const store = await openStore({ adapter: 'mongo', connection, storeTimeout: 20 }, context)
  onTestFinished(async () => {
    await store.clear()
    await store.close()
    await server.close()
  })
  return store
}
