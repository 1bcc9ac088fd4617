/**
 * A store on a real Redis for one test, and what can be seen and done behind its back.
 */
import { onTestFinished } from 'vitest'
import { openStore } from '../../src/session/stores/open.ts'
import { ageKeys, startRedis } from '../support/redis.ts'

export async function redisStore() {
  const redis = await startRedis()
  const prefix = `test${process.pid}${performance.now()}:`
  const connection = { host: redis.host, port: redis.port, prefix }
  const context = { root: process.cwd(), clock: Date.now, warn() {} }
  const store = await openStore({ adapter: 'redis', connection }, context)
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
