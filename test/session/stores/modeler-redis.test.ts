/** fromModeler over a real Redis, by the clients modeler-redis takes. */
import { createRequire } from 'node:module'
import { createClient } from 'redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fromModeler } from '../../../src/session/stores/modeler.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'
import { spaced, without } from '../../support/contract.ts'
import { liftFiles } from '../../support/lift-files.ts'
import { describeRedis, startRedis, type TestRedis } from '../../support/redis.ts'
import { behaves } from './modeler-behaves.ts'
import { openAdapter, type RedisCollection, redisCollection, sessionOf } from './modeler-ground.ts'

const require = createRequire(import.meta.url)

describeRedis('fromModeler over redis', () => {
  let server: TestRedis
  let opened: RedisCollection[] = []
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(async () => {
    for (const { close } of opened) close()
    await server.close()
  })
  const open = async () => {
    const made = redisCollection(server)
    opened = [...opened, made]
    return made.collection
  }

  storeContract('modeler-redis', async () => openAdapter(await open()), without(spaced))
  behaves(open)

  it('says at once that the client is of today, where modeler-redis wants one of its time', async () => {
    const client = createClient({ url: server.url })
    const store = fromModeler(require('modeler-redis')({ client, prefix: 'x:', name: 's' }))

    await expect(store.get('a')).rejects.toThrow(/redis 0\.8 to 3/)
  })

  it('does not take the counter of modeler-redis for a session', async () => {
    const store = fromModeler(await open())
    await store.set('a', sessionOf())

    expect(await store.get('_idx')).toBeNull()
    await expect(store.set('_idx', sessionOf())).rejects.toThrow(/no session id/)
    await store.destroy('_idx')
    await store.set('b', sessionOf())
    expect(await store.length()).toBe(2)
  })

  it('lets parallel writers of two clients all finish; one of them is last', async () => {
    const prefix = 'shared:'
    const sides = [redisCollection(server, prefix), redisCollection(server, prefix)]
    opened = [...opened, ...sides]
    const stores = sides.map(({ collection }) => fromModeler(collection))

    const writes = Array.from({ length: 20 }, (_, n) => stores[n % 2]?.set('a', sessionOf({ n })))
    await Promise.all(writes)

    expect([18, 19]).toContain((await stores[0]?.get('a'))?.['n'])
  })

  it.each(['redis-2', 'redis-3'])('takes the client of %s', async (name) => {
    const client = require(name).createClient(server.port, server.host)
    const make = require('modeler-redis')
    const store = fromModeler(make({ client, prefix: `${name}:`, name: 'sessions' }))

    await Promise.all([store.set('a', sessionOf({ n: 1 })), store.set('b', sessionOf({ n: 2 }))])
    await store.set('a', sessionOf({ n: 3 }))

    expect(await store.get('a')).toMatchObject({ n: 3 })
    expect(await store.length()).toBe(2)
    await store.clear()
    expect(await store.ids()).toEqual([])
    client.end(true)
  })

  it('keeps the sessions of an app over both transports, for all apps that share it', async () => {
    const files = {
      'config/routes.js': `export default {
        'GET /': (req) => {
          req.session.n = (req.session.n ?? 0) + 1
          return { n: req.session.n }
        },
      }`,
    }
    const prefix = 'app:'
    const sides = [redisCollection(server, prefix), redisCollection(server, prefix)]
    opened = [...opened, ...sides]
    const [one, other] = await Promise.all(
      sides.map(({ collection: modeler }) =>
        liftFiles(files, { session: { adapter: { modeler } } }),
      ),
    )
    const browser = one?.browser()
    const first = await browser?.get('/')
    const emitted = await browser?.emit('GET /')
    const there = await other?.browser().get('/', { cookie: browser?.cookie() ?? '' })

    expect([first?.body, emitted?.body, there?.body]).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  })
})
