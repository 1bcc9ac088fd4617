import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { createRedisStore } from '../../../src/session/stores/redis.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'
import { ageKeys, describeRedis, startRedis, type TestRedis } from '../../support/redis.ts'

describeRedis('with a real redis', () => {
  let server: TestRedis
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.close())

  storeContract('redis', () => openRedis(server.url), { describe, it })
})

async function openRedis(url: string) {
  const name = randomUUID()
  const settings = { url, root: import.meta.dirname, warn: console.warn }
  // Sent to SCAN as it is, the prefix of the first would take in the keys of the second.
  const store = await createRedisStore({ ...settings, prefix: `${name}*` })
  const neighbour = await createRedisStore({ ...settings, prefix: `${name}:` })
  return {
    store,
    neighbour,
    advance: (seconds: number) => ageKeys(url, name, seconds),
    async close() {
      await Promise.all([store.close(), neighbour.close()])
    },
  }
}
