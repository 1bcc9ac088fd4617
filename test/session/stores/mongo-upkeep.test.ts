/** Listing, ending and renewing documents in a MongoDB, whoever wrote them. */
import { randomUUID } from 'node:crypto'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { storeKey } from '../../../src/session/store.ts'
import { MongoStore } from '../../../src/session/stores/index.ts'
import { startMongo, type TestMongo } from '../../support/mongo/server.ts'

interface Stored {
  _id: string
  session: unknown
  expires?: Date
}

describe('the upkeep of sessions in a MongoDB', () => {
  let server: TestMongo
  let client: MongoClient
  let dbName: string
  beforeAll(async () => {
    server = await startMongo()
    client = await new MongoClient(server.url).connect()
  })
  beforeEach(() => {
    dbName = `upkeep-${randomUUID()}`
    return async () => {
      await client.db(dbName).dropDatabase()
    }
  })
  afterAll(async () => {
    await client.close()
    await server.close()
  })

  const documents = () => client.db(dbName).collection<Stored>('sessions')
  const soon = () => new Date(Date.now() + 600_000)
  const ago = () => new Date(Date.now() - 600_000)

  function open() {
    // Without the index nothing but the store looks at the end of a document.
    const connect = MongoStore.create({ client, dbName, autoRemove: 'disabled' })
    const store = connect[storeKey]({ storeTimeout: 20 })
    onTestFinished(() => store.close())
    return { connect, store }
  }

  it('lists each living one once, over pages, in their order', async () => {
    const { store } = open()
    const ids = Array.from({ length: 1_001 }, (_, n) => `s${n}`)
    const [expires, over] = [soon(), ago()]
    const living = ids.map((_id) => ({ _id, session: '{}', expires }))
    const dead = ids.map((id) => ({ _id: `${id}-dead`, session: '{}', expires: over }))
    await documents().insertMany([...dead, ...living.reverse()])

    const listed: string[] = []
    for await (const id of store.list()) listed.push(id)

    expect(listed).toEqual(ids.sort())
    expect(await store.count()).toBe(1_001)
  })

  it('clears them all, those that are over too', async () => {
    const { store } = open()
    await documents().insertMany([
      { _id: 'a', session: '{}', expires: soon() },
      { _id: 'b', session: '{}', expires: ago() },
    ])

    await store.clear()

    expect(await documents().countDocuments()).toBe(0)
  })

  it('knows the seconds of each, and that one without an end has none', async () => {
    const { store } = open()
    await documents().insertMany([
      { _id: 'a', session: '{}', expires: soon() },
      { _id: 'over', session: '{}', expires: ago() },
      { _id: 'ever', session: '{}' },
    ])

    const left = await store.secondsLeft?.('a')

    expect(Math.abs(Number(left) - 600)).toBeLessThan(60)
    expect(await store.secondsLeft?.('ever')).toBe(Number.POSITIVE_INFINITY)
    expect(await store.secondsLeft?.('over')).toBeUndefined()
    expect(await store.secondsLeft?.('unknown')).toBeUndefined()
  })

  it('gives the text it has removed, and removes also what cannot be read', async () => {
    const { store } = open()
    await documents().insertMany([
      { _id: 'a', session: '{"n":1}', expires: soon() },
      { _id: 'odd', session: 5, expires: soon() },
    ])

    expect(await store.destroy('a')).toBe('{"n":1}')
    expect(await store.destroy('a')).toBeUndefined()
    await store.destroy('odd')

    expect(await documents().countDocuments()).toBe(0)
  })

  it('tells listeners of connect-mongo of a renewal that was one, and of an end', async () => {
    const { connect, store } = open()
    await documents().insertOne({ _id: 'a', session: '{}', expires: soon() })
    const told: unknown[] = []
    for (const event of ['touch', 'destroy']) connect.on(event, (id) => told.push([event, id]))

    expect(await store.touch('unknown', 60)).toBe(false)
    expect(await store.touch('a', 60)).toBe(true)
    await store.destroy('a')
    await new Promise(setImmediate)

    expect(told).toEqual([
      ['touch', 'a'],
      ['destroy', 'a'],
    ])
  })
})
