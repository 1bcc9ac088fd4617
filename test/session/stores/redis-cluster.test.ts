import { inspect } from 'node:util'
import { createCluster } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SessionStore } from '../../../src/session/store.ts'
import { createRedisStore, type RedisStoreOptions } from '../../../src/session/stores/redis.ts'
import { clusterOptions } from '../../../src/session/stores/redis-cluster.ts'
import { RedisStore } from '../../../src/session/stores/redis-store.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'
import { ageKeys, describeOwnRedis } from '../../support/redis.ts'
import { agreed, startCluster, type TestCluster, tell } from '../../support/redis-cluster.ts'

const root = import.meta.dirname
const storeTimeout = 0.5
/** What a verb may take, in **milliseconds**. */
const bound = storeTimeout * 1000 + 250
const down = { code: 'E_STORE_DOWN', status: 503 }
/** Enough to lie on each of three masters. */
const ids = Array.from({ length: 12 }, (_, index) => `id-${index}`)

describeOwnRedis('a cluster of three masters', () => {
  let cluster: TestCluster
  let warnings: string[]
  beforeAll(async () => {
    // Slots of living masters go on when one is away.
    cluster = await startCluster(3, ['--cluster-require-full-coverage', 'no'])
  })
  beforeEach(() => {
    warnings = []
  })
  afterAll(() => cluster.close())

  const open = (options: Partial<RedisStoreOptions> = {}) =>
    createRedisStore({
      cluster: cluster.urls,
      root,
      storeTimeout,
      warn: (message) => warnings.push(message),
      ...options,
    })

  async function listOf(store: SessionStore): Promise<string[]> {
    const listed: string[] = []
    for await (const id of store.list()) listed.push(id)
    return listed.sort()
  }

  it('keeps sessions on all of them, and swaps, lists, counts and clears over all', async () => {
    const store = await open({ prefix: 'all:' })
    const other = await open({ prefix: 'other:' })
    await other.create('kept', '{}', 60)

    for (const id of ids) await store.create(id, '{}', 60)
    const swaps = await Promise.all(ids.map((id) => store.swap(id, '{}', '{"n":1}', 60)))
    const perNode = await Promise.all(cluster.nodes.map((node) => tell(node, ['DBSIZE'])))
    const listed = await listOf(store)
    const count = await store.count()
    await store.clear()

    expect(perNode.every((size) => Number(size) > 0)).toBe(true)
    expect(new Set(swaps)).toEqual(new Set(['done']))
    expect([listed, count]).toEqual([[...ids].sort(), ids.length])
    expect([await store.count(), await other.count()]).toEqual([0, 1])
    expect(warnings).toEqual([])
    await other.clear()
    await Promise.all([store.close(), other.close()])
  })

  it('takes a cluster client of the app’s own, in RedisStore too, and leaves it open', async () => {
    const client = createCluster({ rootNodes: cluster.urls.map((url) => ({ url })) })
    await client.connect()
    const connect = new RedisStore({ client, prefix: 'own:' })
    const store = await open({ client, cluster: undefined, prefix: 'own:' })

    for (const id of ids) await connect.set(id, {})
    const all = await connect.all()
    const swap = await store.swap(ids[0] ?? '', '{}', '{"n":1}', 60)
    await connect.clear()
    await store.close()

    expect(all).toHaveLength(ids.length)
    expect([swap, await connect.length(), client.isOpen]).toEqual(['done', 0, true])
    await client.close()
  })

  /** What comes of reading each id, by the node that keeps it: the first, which fails, or another. */
  async function readAll(store: SessionStore) {
    const results = await Promise.all(
      ids.map(async (id) => {
        const start = performance.now()
        const answer = await store.read(id).catch((error: unknown) => error)
        return { answer, ms: performance.now() - start }
      }),
    )
    return {
      served: results.filter(({ answer }) => answer === '{}').length,
      refused: results.filter(
        ({ answer }) => (answer as { code?: string } | undefined)?.code === down.code,
      ),
      slowest: Math.max(...results.map(({ ms }) => ms)),
    }
  }

  it.each(['kill', 'pause'] as const)(
    'goes on with the sessions of the others when one master fails (%s), and with its own when it is back',
    async (fail) => {
      const store = await open({ prefix: 'part:' })
      for (const id of ids) await store.create(id, '{}', 60)
      const [first] = cluster.nodes
      const lost = Number(await tell(first as never, ['DBSIZE']))

      await first?.[fail]()
      await readAll(store)
      const during = await readAll(store)
      await (fail === 'kill' ? first?.start() : first?.resume())
      // A master that starts again serves only after two seconds of its own.
      await agreed(first as never)
      const start = performance.now()
      while ((await readAll(store)).refused.length > 0);
      const recovered = performance.now() - start

      expect(during.served).toBe(ids.length - lost)
      expect(during.refused).toHaveLength(lost)
      expect(during.slowest).toBeLessThan(bound)
      expect(recovered).toBeLessThan(2000)
      expect(warnings).toEqual([expect.stringContaining('partly away')])
      await store.clear()
      await store.close()
    },
  )

  it('is found through whichever of its named nodes is there', async () => {
    const nobody = 'redis://127.0.0.1:1'
    const stores = await Promise.all(
      Array.from({ length: 4 }, () => open({ cluster: [nobody, ...cluster.urls] })),
    )

    await Promise.all(stores.map((store) => store.check()))

    await Promise.all(stores.map((store) => store.close()))
  })

  storeContract(
    'redis cluster',
    async () => {
      const prefix = crypto.randomUUID()
      const store = await open({ prefix: `${prefix}*`, storeTimeout: 5 })
      const neighbour = await open({ prefix: `${prefix}:`, storeTimeout: 5 })
      return {
        store,
        neighbour,
        async advance(seconds) {
          await Promise.all(cluster.urls.map((url) => ageKeys(url, prefix, seconds)))
        },
        async close() {
          await Promise.all([store.close(), neighbour.close()])
        },
      }
    },
    { describe, it },
  )
})

describe('the options given to node-redis for a cluster', () => {
  const pause = () => 50
  const options = (urls: string[], connection: Partial<RedisStoreOptions> = {}) =>
    clusterOptions(urls, connection, pause)

  it('name the nodes, and say name, password and TLS once for all', () => {
    const { rootNodes, defaults } = options(['rediss://ada:p%40ss@a:7000', 'rediss://[::1]'])

    expect(rootNodes).toEqual([
      { socket: { host: 'a', port: 7000 } },
      { socket: { host: '::1', port: 6379 } },
    ])
    expect(defaults).toMatchObject({ username: 'ada', password: 'p@ss', socket: { tls: true } })
  })

  it('let settings win over the url', () => {
    const tls = { servername: 'x' }

    const { defaults } = options(['redis://ada:one@a'], { password: 'two', tls })

    expect(defaults).toMatchObject({ username: 'ada', password: 'two', socket: { tls: true } })
    expect(defaults.socket).toMatchObject(tls)
  })

  it.each([
    ['a url that is none', ['redis://ada:hunter2@:x'], {}, '`cluster`'],
    ['a url of something else', ['http://ada:hunter2@h'], {}, '`cluster`'],
    ['a database', ['redis://h'], { db: 2 }, '`db`'],
  ])('refuse %s, without its password', (_, urls, connection, word) => {
    let error: unknown
    try {
      options(urls, connection)
    } catch (thrown) {
      error = thrown
    }

    expect(error).toMatchObject({ code: 'E_STORE_OPTIONS', message: expect.stringContaining(word) })
    expect(inspect(error)).not.toContain('hunter2')
  })
})
