/**
 * `MongoStore` of `catamaran/stores`: connect-mongo's class for express-session, and ours to swap in.
 */
import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { storeKey } from '../../../src/session/store.ts'
import {
  createKrupteinAdapter,
  createWebCryptoAdapter,
  MongoStore,
  type MongoStoreOptions,
} from '../../../src/session/stores/index.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'
import { ageDocuments } from '../../support/mongo/age.ts'
import { startMongo, type TestMongo } from '../../support/mongo/server.ts'

const require = createRequire(import.meta.url)
const { MongoStore: TheirStore } = require('connect-mongo')
const { Cookie, Store } = require('express-session')

type Verb = 'get' | 'set' | 'touch' | 'destroy' | 'all' | 'length' | 'clear'

/** Calls a Connect method and gives what it calls back with. */
function call(store: object, verb: Verb, ...given: unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const done = (error: unknown, value: unknown) => (error ? reject(error) : resolve(value))
    Reflect.apply(Reflect.get(store, verb), store, [...given, done])
  })
}

describe('MongoStore of catamaran/stores', () => {
  let server: TestMongo
  let client: MongoClient
  let dbName: string
  beforeAll(async () => {
    server = await startMongo()
    client = await new MongoClient(server.url).connect()
  })
  beforeEach(() => {
    dbName = `store-${randomUUID()}`
    return async () => {
      await client.db(dbName).dropDatabase()
    }
  })
  afterAll(async () => {
    await client.close()
    await server.close()
  })

  function open(options: MongoStoreOptions = {}) {
    const store = MongoStore.create({ mongoUrl: server.url, dbName, ...options })
    onTestFinished(() => store.close())
    return store
  }
  const session = () => ({ cookie: new Cookie({ maxAge: 60_000 }), userId: 'ada' })

  it('is a connect-mongo store and a Connect store, and can be extended', () => {
    class Mine extends MongoStore {
      mine = true
    }
    const store = new Mine({ client })

    expect(store).toBeInstanceOf(TheirStore)
    expect(store).toBeInstanceOf(Store)
    expect(store).toBeInstanceOf(MongoStore)
    expect(store).toMatchObject({ mine: true, collectionP: expect.any(Promise) })
    expect(() => MongoStore.create({})).toThrow(/mongoUrl\|clientPromise\|client/)
  })

  it('serves express-session, with the events of connect-mongo', async () => {
    const store = open({ timestamps: true })
    const heard: string[] = []
    for (const event of ['create', 'update', 'set', 'get', 'touch', 'destroy']) {
      store.on(event, (id: string) => heard.push(`${event} ${id}`))
    }

    await call(store, 'set', 'a', session())
    await call(store, 'set', 'a', session())
    expect(await call(store, 'get', 'a')).toMatchObject({ userId: 'ada' })
    await call(store, 'touch', 'a', session())
    await call(store, 'destroy', 'a')

    expect(await call(store, 'get', 'a')).toBeNull()
    const expected = ['create a', 'set a', 'update a', 'set a', 'get a', 'touch a', 'destroy a']
    expect(heard).toEqual([...expected, 'get a'])
  })

  it.each<[string, () => MongoStoreOptions]>([
    ['text', () => ({})],
    ['objects', () => ({ stringify: false })],
    ['crypto', () => ({ crypto: { secret: 'squirrel' } })],
    ['crypto and objects', () => ({ crypto: { secret: 'squirrel' }, stringify: false })],
    ['kruptein', () => ({ cryptoAdapter: createKrupteinAdapter({ secret: 'squirrel' }) })],
    [
      'Web Crypto',
      () => ({ cryptoAdapter: createWebCryptoAdapter({ secret: 'squirrel', iterations: 1000 }) }),
    ],
    [
      'a form of its own',
      () => ({
        serialize: (data: never) => ({ packed: JSON.stringify(data) }),
        unserialize: ({ packed }: never) => JSON.parse(packed),
        transformId: (id: string) => `t:${id}`,
      }),
    ],
  ])('shares its sessions with connect-mongo, whoever changes them (%s)', async (_, options) => {
    const settings = options()
    const store = open(settings)
    const theirs = new TheirStore({ client, dbName, ...settings })
    const engine = store[storeKey]()

    await call(theirs, 'set', 'a', session())
    const before = (await engine.read('a')) ?? ''
    const after = JSON.stringify({ ...JSON.parse(before), n: 1 })
    expect(await engine.swap('a', before, after, 60)).toBe('done')
    expect(await engine.swap('a', before, '{}', 60)).toEqual({ text: after })
    await engine.create('b', JSON.stringify(session()), 60)

    expect(await call(theirs, 'get', 'a')).toMatchObject({ userId: 'ada', n: 1 })
    expect(await call(theirs, 'get', 'b')).toMatchObject({ userId: 'ada' })
    expect(await call(store, 'length')).toBe(2)
  })

  it('takes what it cannot decrypt for no session, and keeps it', async () => {
    const store = open({ crypto: { secret: 'new' } })
    const old = new TheirStore({ client, dbName, crypto: { secret: 'old' } })
    const engine = store[storeKey]()
    await call(old, 'set', 'a', session())

    const text = await engine.read('a')

    expect(text).toBeTypeOf('string')
    expect(() => JSON.parse(text ?? '')).toThrow()
    expect(await call(old, 'get', 'a')).toMatchObject({ userId: 'ada' })
  })

  it('renews at most once in touchAfter seconds, and keeps the times connect-mongo keeps', async () => {
    const engine = open({ touchAfter: 3_600, timestamps: true })[storeKey]()
    await engine.create('a', '{}', 60)
    const stored = () => client.db(dbName).collection('sessions').findOne()
    const first = await stored()

    await engine.touch('a', 600)
    const touched = await stored()
    const age = (seconds: number) => {
      const lastModified = new Date(Date.now() - seconds * 1000)
      return client.db(dbName).collection('sessions').updateOne({}, { $set: { lastModified } })
    }
    await age(3_540)
    await engine.read('a', 600)
    const early = await stored()
    await age(3_660)
    await engine.read('a', 600)
    const renewed = await stored()

    expect(Object.keys(first ?? {}).sort()).toEqual(
      ['_id', 'createdAt', 'expires', 'lastModified', 'session', 'updatedAt'].sort(),
    )
    expect(touched).toEqual(first)
    expect(early?.['expires']).toEqual(first?.['expires'])
    expect(Number(renewed?.['expires'])).toBeGreaterThan(Number(first?.['expires']) + 500_000)
  })

  it.each([
    [11_000, false],
    [13, 'E_STORE_DOWN'],
  ])('takes error %i of the server at a create for %j', async (code, outcome) => {
    const collection = {
      createIndex: async () => {},
      findOne: async () => null,
      updateOne: async () => Promise.reject(Object.assign(new Error('no'), { code })),
    }
    const client = { db: () => ({ collection: () => collection }), close: async () => {} }
    const engine = MongoStore.create({ client: client as never })[storeKey]({ warn() {} })

    const created = await engine.create('a', '{}', 60).catch(({ code }) => code)
    await engine.close()

    expect(created).toBe(outcome)
  })

  it('rejects nothing that nobody waits for when the server is away', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown) => void unhandled.push(error)
    process.on('unhandledRejection', note)
    const wrong = [
      open({ mongoUrl: 'mongodb://127.0.0.1:1' }),
      MongoStore.create({ mongoUrl: 'nonsense' }),
      MongoStore.create({ clientPromise: Promise.reject(new Error('no client')) }),
    ]

    for (const store of wrong) await expect(call(store, 'get', 'a')).rejects.toThrow()
    process.off('unhandledRejection', note)

    expect(unhandled).toEqual([])
  })

  storeContract('MongoStore with crypto', openEncrypted, { describe, it })

  async function openEncrypted() {
    const place = { url: server.url, db: `contract-${randomUUID()}`, collection: 'sessions' }
    const cryptoAdapter = createWebCryptoAdapter({ secret: 'squirrel', iterations: 1000 })
    // Time enough for the thousand sessions one promise creates at once.
    const mongoOptions = { waitQueueTimeoutMS: 20_000, socketTimeoutMS: 20_000 }
    const connect = MongoStore.create({
      mongoUrl: server.url,
      mongoOptions,
      dbName: place.db,
      cryptoAdapter,
    })
    const store = connect[storeKey]({ storeTimeout: 20 })
    return {
      store,
      advance: (seconds: number) => ageDocuments(place, seconds),
      close: () => store.close(),
    }
  }
})
