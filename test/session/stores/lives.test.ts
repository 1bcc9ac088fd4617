/**
 * P9: a life that a store's owner has named counts where neither the cookie nor the app names one: who puts
 * `session()` in express-session's place loses no life.
 */
import { createClient } from 'redis'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { SessionOptions } from '../../../src/session/dropin.ts'
import { type SessionStore, storeKey } from '../../../src/session/store.ts'
import { MongoStore, RedisStore, SqliteStore } from '../../../src/session/stores/index.ts'
import { tempFolder } from '../../cli/run.ts'
import { liftFiles } from '../../support/lift-files.ts'
import { startMongo } from '../../support/mongo/server.ts'
import { describeRedis, startRedis } from '../../support/redis.ts'
import { startDropIn } from '../dropin-ground.ts'

type Given = NonNullable<SessionOptions['store']>
interface Options {
  ttl?: number
}
/** Makes a store in a fresh place. */
type Make = () => Promise<(options: Options) => object>

const stores: [string, typeof describe | typeof describeRedis, Make, number][] = [
  ['SqliteStore', describe, sqlite, 86_400],
  ['RedisStore', describeRedis, redis, 86_400],
  ['MongoStore', describe, mongo, 14 * 86_400],
]

async function sqlite() {
  const folder = await tempFolder()
  return (options: Options) => {
    const store = new SqliteStore({ file: `${folder.path}/sessions.db`, ...options })
    onTestFinished(async () => {
      await store.close()
      await folder[Symbol.asyncDispose]()
    })
    return store
  }
}

async function redis() {
  const server = await startRedis()
  const client = await createClient({ url: server.url }).connect()
  onTestFinished(async () => {
    await client.close()
    await server.close()
  })
  const prefix = `lives-${process.pid}-${performance.now()}:`
  return (options: Options) => new RedisStore({ client, prefix, ...options })
}

async function mongo() {
  const server = await startMongo()
  return (options: Options) => {
    const dbName = `lives-${process.pid}-${Math.round(performance.now())}`
    const store = MongoStore.create({ mongoUrl: server.url, dbName, ...options })
    onTestFinished(async () => {
      await store.close()
      await server.close()
    })
    return store
  }
}

/** What is left of the life of the only session, in **seconds**. */
async function lifeIn(given: object): Promise<number> {
  const store = (given as { [storeKey](): SessionStore })[storeKey]()
  for await (const id of store.list()) return (await store.secondsLeft?.(id)) ?? 0
  return 0
}

for (const [name, describeStore, make, usual] of stores) {
  describeStore(`${name} under session()`, () => {
    it.each<[string, Options, SessionOptions, number]>([
      ['as its own ttl says', { ttl: 5000 }, {}, 5000],
      ['as usual in it where nothing is said', {}, {}, usual],
      ['as the cookie says before all', { ttl: 5000 }, { cookie: { maxAge: 900_000 } }, 900],
    ])('P9: lets a session live %s', async (_, options, session, seconds) => {
      const store = (await make())(options)
      const app = await startDropIn(
        (req, res) => {
          req.session['a'] = 1
          res.end()
        },
        { store: store as Given, ...session },
      )

      await app.browser()()
      const life = await lifeIn(store)

      expect(life).toBeGreaterThan(seconds - 60)
      expect(life).toBeLessThanOrEqual(seconds)
    })

    it('P9: lets a session of an app live as its own ttl says', async () => {
      const store = (await make())({ ttl: 5000 })
      const routes = {
        'GET /': (req: { session: Record<string, unknown> }) => {
          req.session['a'] = 1
          return {}
        },
      }
      const app = await liftFiles({}, { routes, session: { store } })

      await app.browser().get('/')
      const life = await lifeIn(store)

      expect(life).toBeGreaterThan(4940)
      expect(life).toBeLessThanOrEqual(5000)
    })
  })
}

describe('SqliteStore with a ttl', () => {
  it('P9: is overruled by the app that names one', async () => {
    const store = (await sqlite())({ ttl: 5000 })
    const app = await startDropIn(
      (req, res) => {
        req.session['a'] = 1
        res.end()
      },
      { store: store as Given, ttl: 300 },
    )

    await app.browser()()

    expect(await lifeIn(store)).toBeLessThanOrEqual(300)
  })
})
