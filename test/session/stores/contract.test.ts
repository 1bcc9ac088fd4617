import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { createMemoryStore } from '../../../src/session/stores/memory.ts'
import { createMongoStore, type MongoStoreSettings } from '../../../src/session/stores/mongo.ts'
import { createRedisStore } from '../../../src/session/stores/redis.ts'
import { createSqliteStore } from '../../../src/session/stores/sqlite.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'
import { ageDocuments } from '../../support/mongo/age.ts'
import { startMongo, type TestMongo } from '../../support/mongo/server.ts'
import { ageKeys, describeRedis, startRedis, type TestRedis } from '../../support/redis.ts'

storeContract('memory', openMemory, { describe, it })

async function openMemory() {
  let now = 1_000_000
  const clock = () => now
  const store = createMemoryStore({ clock })
  const neighbour = createMemoryStore({ clock })
  return {
    store,
    neighbour,
    advance(seconds: number) {
      now += seconds * 1000
    },
    async close() {
      await Promise.all([store.close(), neighbour.close()])
    },
  }
}

storeContract('sqlite', openSqlite, { describe, it })

async function openSqlite() {
  let now = 1_000_000
  const clock = () => now
  const folder = await mkdtemp(join(tmpdir(), 'catamaran-sqlite-'))
  // A busy machine may take a second to start their threads.
  const open = (name: string) =>
    createSqliteStore({ file: join(folder, name), clock, warn: console.warn, storeTimeout: 15 })
  const [store, neighbour] = [open('a.db'), open('b.db')]
  return {
    store,
    neighbour,
    advance(seconds: number) {
      now += seconds * 1000
    },
    async close() {
      await Promise.all([store.close(), neighbour.close()])
      await rm(folder, { recursive: true })
    },
  }
}

describeRedis('with a real redis', () => {
  let server: TestRedis
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.close())

  storeContract('redis', () => openRedis(server.url), { describe, it })
})

describe('with a MongoDB', () => {
  let server: TestMongo
  beforeAll(async () => {
    server = await startMongo()
  })
  afterAll(() => server.close())

  storeContract('mongo', () => openMongo(server.url, { stringify: true }), { describe, it })
  storeContract('mongo (stringify: false)', () => openMongo(server.url, { stringify: false }), {
    describe,
    it,
  })
})

async function openMongo(url: string, form: Partial<MongoStoreSettings>) {
  const db = `contract-${randomUUID()}`
  // Time enough for the thousand sessions one promise creates at once.
  const settings = {
    url,
    db,
    root: import.meta.dirname,
    storeTimeout: 20,
    warn: console.warn,
    ...form,
  }
  const store = await createMongoStore({ ...settings, collection: 'one' })
  const neighbour = await createMongoStore({ ...settings, collection: 'other' })
  return {
    store,
    neighbour,
    advance: (seconds: number) => ageDocuments({ url, db, collection: 'one' }, seconds),
    async close() {
      await Promise.all([store.close(), neighbour.close()])
    },
  }
}

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
