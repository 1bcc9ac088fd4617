import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { RedisStore as TheirStore } from 'connect-redis'
import session, { Cookie } from 'express-session'
import { createClient, createClientPool, type RedisClientType } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { storeKey } from '../../../src/session/store.ts'
import { createRedisBus } from '../../../src/session/stores/redis.ts'
import { RedisStore, type RedisStoreOptions } from '../../../src/session/stores/redis-store.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'
import { ageKeys, describeRedis, startRedis, type TestRedis } from '../../support/redis.ts'

const minute = 60_000

describeRedis('RedisStore of catamaran/stores', () => {
  let server: TestRedis
  let client: RedisClientType
  let prefix: string
  beforeAll(async () => {
    server = await startRedis()
    client = createClient({ url: server.url })
    await client.connect()
  })
  beforeEach(() => {
    prefix = `${randomUUID()}:`
  })
  afterAll(async () => {
    await client.close()
    await server.close()
  })

  const open = (options: Partial<RedisStoreOptions> = {}) =>
    new RedisStore({ client, prefix, ...options })
  const engineOf = (options: Partial<RedisStoreOptions> = {}) => open(options)[storeKey]()
  /** A session whose cookie says so; `age` milliseconds after its last save. */
  const cookied = (maxAge: number, age = 0) => ({
    cookie: { originalMaxAge: maxAge, expires: new Date(Date.now() + maxAge - age) },
  })

  /** The **seconds** left, or `expected` where a busy machine only took its time to ask. */
  async function lifeOf(id: string, expected: number): Promise<number> {
    const left = await client.ttl(`${prefix}${id}`)
    return left > 0 && left <= expected && left > expected - 5 ? expected : left
  }

  it('is a connect-redis store and a Connect store, with the defaults of both', () => {
    const store = new RedisStore({ client })

    expect(store).toBeInstanceOf(TheirStore)
    expect(store).toBeInstanceOf(session.Store)
    expect({ ...store }).toMatchObject({
      client,
      prefix: 'sess:',
      scanCount: 100,
      serializer: JSON,
      ttl: 86_400,
      disableTTL: false,
      disableTouch: false,
    })
  })

  it('calls back as well as it promises', async () => {
    const store = open()
    const called = (verb: (done: (error: unknown, value?: unknown) => void) => unknown) =>
      new Promise((resolve, reject) =>
        verb((error, value) => (error ? reject(error) : resolve(value))),
      )

    await called((done) => store.set('a', { cookie: {}, n: 1 } as never, done))
    const got = await called((done) => store.get('a', done))
    const all = await called((done) => store.all(done))
    const counts = [await called((done) => store.length(done)), await store.length()]
    const ids = await called((done) => store.ids(done))
    await called((done) => store.touch('a', { cookie: {} }, done))
    await called((done) => store.destroy('a', done))
    await called((done) => store.clear(done))

    expect(got).toEqual({ cookie: {}, n: 1 })
    expect(all).toEqual([{ cookie: {}, n: 1, id: 'a' }])
    expect([counts, ids]).toEqual([[1, 1], ['a']])
    expect(await called((done) => store.get('a', done))).toBeNull()
  })

  it('tells the caller when ttl() throws', async () => {
    const store = open({
      ttl() {
        throw new Error('no life')
      },
    })

    const told = await new Promise((resolve) => store.set('a', {}, resolve))

    expect(told).toMatchObject({ message: 'no life' })
    await expect(store.touch('a', {})).rejects.toThrow('no life')
  })

  it('runs a callback once, also one that throws', async () => {
    const caught = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    const thrown = once(process, 'uncaughtException')
    let runs = 0

    open().get('a', () => {
      runs += 1
      throw new Error('the app’s own')
    })

    expect(await thrown).toMatchObject([{ message: 'the app’s own' }, expect.anything()])
    await new Promise(setImmediate)
    expect(runs).toBe(1)
    for (const listener of caught) process.on('uncaughtException', listener)
  })

  it('keeps a living session whose stored expiry is stale, with a full life', async () => {
    const store = open()
    await store.set('a', cookied(minute))

    await store.set('a', cookied(minute, 2 * minute))

    expect(await store.get('a')).not.toBeNull()
    expect(await lifeOf('a', 60)).toBe(60)
  })

  it('removes a session whose cookie was made to end', async () => {
    const store = open()
    await store.set('a', cookied(minute))
    const cookie = new Cookie()
    cookie.expires = new Date(Date.now() - 1000)

    await store.set('a', { cookie })

    expect(await store.get('a')).toBeNull()
  })

  it('counts, lists and clears its own prefix only, glob characters included', async () => {
    const store = open({ prefix: `${prefix}*` })
    const neighbour = open({ prefix: `${prefix}x` })
    await Promise.all(['a', 'b'].map((id) => store.set(id, {})))
    await neighbour.set('c', {})

    const ids = await store.ids()
    await store.clear()

    expect(ids?.sort()).toEqual(['a', 'b'])
    expect([await store.length(), await neighbour.ids()]).toEqual([0, ['c']])
  })

  it('gives all sessions though a key of another type has their prefix, as connect-redis does', async () => {
    const stores = [open(), new TheirStore({ client, prefix })]
    await stores[0]?.set('a', { cookie: {} })
    await client.hSet(`${prefix}locks`, 'a', '1')

    const all = await Promise.all(stores.map((store) => store.all()))

    expect(all).toEqual([[{ cookie: {}, id: 'a' }], [{ cookie: {}, id: 'a' }]])
  })

  it('answers nothing where all are asked and none is there', async () => {
    expect(await open().all()).toEqual([])
  })

  it.each([
    ['a number', { ttl: 100 }, () => ({}), 100],
    ['a number, when the cookie knows better', { ttl: 100 }, () => cookied(minute), 60],
    ['a function', { ttl: () => 30 }, () => cookied(minute), 30],
    ['disableTTL', { disableTTL: true }, () => cookied(minute), -1],
  ])(
    'lives as the option says: %s, by either way of using it',
    async (_, options, make, seconds) => {
      const data = make()
      const store = open(options)
      const engine = engineOf(options)
      const text = JSON.stringify(data)

      await store.set('theirs', data)
      await engine.create('ours', text, 60)
      const lives = () => Promise.all(['theirs', 'ours'].map((id) => lifeOf(id, seconds)))
      const created = await lives()
      await engine.swap('ours', text, `${text} `, 60)
      await engine.touch('ours', 60)
      await engine.read('ours', 60)
      await store.touch('theirs', data)

      expect(created).toEqual([seconds, seconds])
      expect(await lives()).toEqual([seconds, seconds])
      await engine.close()
    },
  )

  it('chooses each life as connect-redis does: ttl() first, then the cookie’s end, then ttl', async () => {
    const over = { cookie: { originalMaxAge: null, expires: new Date(Date.now() - minute) } }
    const sessions = { endless: {}, ending: cookied(minute), over }
    const gone = -2
    const table: [Partial<RedisStoreOptions>, number, number, number][] = [
      [{}, 86_400, 60, gone],
      [{ ttl: 0 }, 86_400, 60, gone],
      [{ ttl: 100 }, 100, 60, gone],
      [{ ttl: () => 30 }, 30, 30, 30],
      [{ ttl: () => 30, disableTTL: true }, -1, -1, -1],
    ]

    for (const [options, ...expected] of table) {
      const theirs = new TheirStore({ client, prefix, ...options } as never)
      const lives: number[][] = []
      for (const store of [theirs as unknown as RedisStore, open(options)]) {
        const own: number[] = []
        for (const [index, session] of Object.values(sessions).entries()) {
          await store.set('a', {})
          await store.set('a', session)
          await store.touch('a', session)
          own.push(await lifeOf('a', expected[index] ?? 0))
        }
        lives.push(own)
      }

      expect({ ...options, lives }).toEqual({ ...options, lives: [expected, expected] })
    }
  })

  it('never renews with disableTouch, but tells who is gone', async () => {
    const engine = engineOf({ disableTouch: true })
    await engine.create('a', '{}', 50)

    const touched = [await engine.touch('a', 90), await engine.touch('b', 90)]
    await engine.read('a', 90)

    expect(touched).toEqual([true, false])
    expect(await lifeOf('a', 50)).toBe(50)
    await engine.close()
  })

  it('leaves nothing on the client when its engine store is closed', async () => {
    const before = client.listenerCount('error')
    const engine = engineOf()
    await engine.check()

    await engine.close()

    expect([client.isOpen, client.listenerCount('error')]).toEqual([true, before])
  })

  it('takes a pool of clients, which never says that it is ready', async () => {
    const pool = createClientPool({ url: server.url })
    await pool.connect()
    const engine = engineOf({ client: pool })

    const created = await engine.create('a', '{"n":1}', 60)
    const swapped = await engine.swap('a', '{"n":1}', '{"n":2}', 60)
    await engine.close()
    await pool.close()

    expect([created, swapped, await client.get(`${prefix}a`)]).toEqual([true, 'done', '{"n":2}'])
    await expect(engineOf({ client: pool }).read('a')).rejects.toMatchObject({
      code: 'E_STORE_DOWN',
    })
  })

  it('tells that nodes cannot listen on a pool', async () => {
    const client = createClientPool({ url: server.url })
    const bus = createRedisBus({ root: '.', client, warn() {}, onBack() {} })

    await expect(bus).rejects.toMatchObject({
      code: 'E_STORE_OPTIONS',
      message: expect.stringContaining('config/sockets'),
    })
  })

  it('refuses other clients than node-redis to the engine', () => {
    const store = new RedisStore({ client: { get() {} } })

    expect(() => store[storeKey]()).toThrow(expect.objectContaining({ code: 'E_STORE_OPTIONS' }))
  })

  const reversed = {
    parse: async (text: string) => JSON.parse([...text].reverse().join('')),
    stringify: (value: object) => [...JSON.stringify(value)].reverse().join(''),
  }

  it('writes what the serializer makes, by either way of using it', async () => {
    const engine = engineOf({ serializer: reversed })
    const store = open({ serializer: reversed })
    await store.set('a', { n: 12 } as never)

    const read = await engine.read('a')
    const swapped = await engine.swap('a', '{"n":12}', '{"n":34}', 60)

    expect([read, swapped]).toEqual(['{"n":12}', 'done'])
    expect(await store.get('a')).toEqual({ n: 34 })
    expect(await store.all()).toHaveLength(1)
    expect(await client.get(`${prefix}a`)).toBe('}43:"n"{')
    await engine.close()
  })

  it('reads what was stored before there was a serializer', async () => {
    const engine = engineOf({ serializer: reversed })
    await client.set(`${prefix}old`, '{"n":1}')

    expect(await engine.read('old')).toBe('{"n":1}')
    expect(await engine.swap('old', '{"n":1}', '{"n":2}', 60)).toBe('done')
    await engine.close()
  })

  /** A serializer keeps what a text says, not how it says it. */
  const spelledFreely = (title: string, body: () => Promise<void>) => {
    if (!title.startsWith('gives texts back')) it(title, body)
  }

  for (const [name, options] of Object.entries({
    'RedisStore as a': {},
    'RedisStore with a serializer as a': { serializer: reversed },
  })) {
    storeContract(
      name,
      async () => {
        const age = randomUUID()
        const store = engineOf({ ...options, prefix: `${age}*` })
        const neighbour = engineOf({ ...options, prefix: `${age}:` })
        return {
          store,
          neighbour,
          advance: (seconds: number) => ageKeys(server.url, age, seconds),
          async close() {
            await Promise.all([store.close(), neighbour.close()])
          },
        }
      },
      { describe, it: spelledFreely },
    )
  }
})
