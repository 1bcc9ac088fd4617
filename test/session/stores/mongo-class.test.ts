/** The class `MongoStore` over connect-mongo's, with a client that only notes what is asked of it. */
import { createRequire } from 'node:module'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { storeKey } from '../../../src/session/store.ts'
import { defineMongoStore } from '../../../src/session/stores/mongo-class.ts'
import type { MongoStoreOptions } from '../../../src/session/stores/mongo-options.ts'

const { MongoStore: Base } = createRequire(import.meta.url)('connect-mongo')

beforeEach(
  () =>
    void vi.useFakeTimers({
      toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'],
    }),
)
afterEach(() => void vi.useRealTimers())

/** A client whose server makes indexes as it is told. */
function createClient(createIndex = vi.fn(async () => {})) {
  const collection = { createIndex, deleteMany: vi.fn(async () => {}) }
  const close = vi.fn(async () => {})
  const connect = vi.fn(async () => {})
  return { db: () => ({ collection: () => collection }), collection, close, connect }
}

/** A store over such a client, made from an url or given. */
function storeOver(client: ReturnType<typeof createClient>, options: MongoStoreOptions = {}) {
  const MongoClient = vi.fn(function make() {
    return client
  })
  const Store = defineMongoStore({ MongoStore: Base, MongoClient: MongoClient as never })
  const where = options.mongoUrl ? {} : { client: client as never }
  const store = Store.create({ ...where, ...options })
  onTestFinished(() => store.stop())
  return { store, MongoClient }
}

const failing = (code?: number) =>
  vi.fn(() => Promise.reject(Object.assign(new Error('no index'), { code })))

function warnings(): string[] {
  const said: string[] = []
  const warn = vi.spyOn(process, 'emitWarning')
  warn.mockImplementation((line) => void said.push(String(line)))
  onTestFinished(() => warn.mockRestore())
  return said
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('the index of a MongoStore', () => {
  it.each([13, 67, 85, 86])('is given up with a warning where the server says %i', async (code) => {
    const said = warnings()
    const client = createClient(failing(code))
    const { store } = storeOver(client)
    await store.collectionP

    await pass(10_000)

    expect(client.collection.createIndex).toHaveBeenCalledOnce()
    expect(said).toEqual(['MongoStore cannot make its TTL index: Error: no index'])
  })

  it('is tried again every two seconds while the server is away, and not once it is stopped', async () => {
    const said = warnings()
    const client = createClient(failing())
    const { store } = storeOver(client)
    await store.collectionP

    await pass(1_999)
    expect(client.collection.createIndex).toHaveBeenCalledTimes(1)
    await pass(2_001)
    expect(client.collection.createIndex).toHaveBeenCalledTimes(3)
    store.stop()

    expect([said, vi.getTimerCount()]).toEqual([[], 0])
  })

  it('is not tried again by a store that is stopped while it is tried', async () => {
    const answer = Promise.withResolvers<void>()
    const client = createClient(vi.fn(() => answer.promise))
    const { store } = storeOver(client)
    await vi.waitFor(() => expect(client.collection.createIndex).toHaveBeenCalled())

    store.stop()
    answer.reject(new Error('no server'))
    await store.collectionP

    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('the timer of a MongoStore that removes by itself', () => {
  const options = { autoRemove: 'interval', autoRemoveInterval: 1 } as const

  it('removes, and ends with the store', async () => {
    const client = createClient()
    const { store } = storeOver(client, options)
    await store.collectionP
    await pass(60_000)

    store.stop()
    await pass(600_000)

    expect(client.collection.deleteMany).toHaveBeenCalledOnce()
    expect(store.timer).toBeUndefined()
  })

  it('is none where the store is stopped at once', async () => {
    const client = createClient()
    const { store } = storeOver(client, options)

    store.stop()
    await store.collectionP

    expect([store.timer, vi.getTimerCount()]).toEqual([undefined, 0])
  })
})

describe('the client of a MongoStore', () => {
  const mongoUrl = 'mongodb://h/d'

  it('is made of its url with bounds, which the app’s options overrule', () => {
    const { store, MongoClient } = storeOver(createClient(), {
      mongoUrl,
      mongoOptions: { retryWrites: true },
    })

    return store.clientP.then(() => {
      expect(MongoClient).toHaveBeenCalledExactlyOnceWith(
        mongoUrl,
        expect.objectContaining({ retryReads: false, retryWrites: true }),
      )
      expect(store.options).toMatchObject({ mongoUrl, mongoOptions: { retryWrites: true } })
    })
  })

  it('is connected until that succeeds, or it is stopped', async () => {
    const client = createClient()
    client.connect.mockRejectedValueOnce(new Error('away'))
    const { store } = storeOver(client, { mongoUrl })
    await store.collectionP

    await pass(1_000)
    expect(client.connect).toHaveBeenCalledTimes(2)
    client.connect.mockRejectedValue(new Error('away'))
    const other = storeOver(client, { mongoUrl }).store
    await other.collectionP
    await pass(100)
    other.stop()
    client.connect.mockClear()
    await pass(10_000)

    expect(client.connect).not.toHaveBeenCalled()
  })

  it('is not connected by a store that is stopped at once', async () => {
    const client = createClient()
    const { store } = storeOver(client, { mongoUrl })

    store.stop()
    await store.collectionP

    expect(client.connect).not.toHaveBeenCalled()
  })

  it.each<[string, MongoStoreOptions, number]>([
    ['is closed with the engine’s store where we made it', { mongoUrl }, 1],
    ['is left open where the app gave it', {}, 0],
  ])('%s', async (_, options, times) => {
    const client = createClient()
    const { store, MongoClient } = storeOver(client, options)

    await store[storeKey]({ warn() {} }).close()

    expect(client.close).toHaveBeenCalledTimes(times)
    expect(MongoClient).toHaveBeenCalledTimes(times)
  })

  it('is closed by the store’s own close, with the timers', async () => {
    const client = createClient()
    client.collection.createIndex = failing()
    const { store } = storeOver(client)
    await store.collectionP

    await store.close()

    expect([client.close.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0])
  })
})

describe('the engine’s store of a MongoStore', () => {
  it('lives as long as its options say', () => {
    const { store } = storeOver(createClient(), { ttl: 70 })

    expect(store[storeKey]({ warn() {} }).ttl).toBe(70)
  })
})
