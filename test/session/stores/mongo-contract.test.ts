import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { createMongoStore, type MongoStoreSettings } from '../../../src/session/stores/mongo.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'
import { ageDocuments } from '../../support/mongo/age.ts'
import { startMongo, type TestMongo } from '../../support/mongo/server.ts'

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
