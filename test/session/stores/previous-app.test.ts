import type { Request } from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { testApp } from '../../../src/testing/app.ts'
import { appFolder, strongSecret } from '../../support/app-folder.ts'
import { startMongo } from '../../support/mongo/server.ts'
import { describeRedis, startRedis } from '../../support/redis.ts'

const routes = {
  'POST /login': (req: Request) => {
    Object.assign(req.session, { userId: 'ada' })
    return {}
  },
  'POST /theme': (req: Request) => {
    Object.assign(req.session, { theme: 'dark' })
    return {}
  },
  'GET /me': (req: Request) => {
    const { userId = null, theme } = req.session as { userId?: string | null; theme?: string }
    return { userId, ...(theme && { theme }) }
  },
  'POST /logout': async (req: Request) => {
    await req.session.destroy()
    return {}
  },
}

describeRedis('an app that moves from sqlite to redis, on to hashed ids, and to mongo', () => {
  it('logs nobody out on either door, and a logout holds in every store', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.close())
    const mongo = await startMongo()
    onTestFinished(() => mongo.close())
    const root = await appFolder({})
    const sqlite = { adapter: 'sqlite' }
    const onRedis = { adapter: 'redis', url: redis.url, prefix: `previous-${process.pid}:` }
    const atRest = { ...onRedis, hashIds: true, encrypt: true }
    const onMongo = {
      adapter: 'mongo',
      url: mongo.url,
      stringify: false,
      hashIds: true,
      encrypt: true,
    }
    const lift = async (session: object) => {
      const overrides = { routes, session: { secret: strongSecret, ...session } }
      return testApp(root, overrides, { environment: {} })
    }
    const me = async (url: string, cookie: string) => {
      const answer = await fetch(`${url}/me`, { headers: { cookie } })
      return answer.json()
    }

    const first = await lift(sqlite)
    const [ada, eve] = [first.browser(), first.browser()]
    for (const browser of [ada, eve]) await browser.post('/login')
    const cookies = [ada.cookie(), eve.cookie()] as const
    await first.close()
    const known = { userId: 'ada' }

    const second = await lift({ ...onRedis, previous: sqlite })
    expect(await Promise.all(cookies.map((cookie) => me(second.url, cookie)))).toEqual([
      known,
      known,
    ])
    await second.close()

    const third = await lift({ ...atRest, previous: onRedis })
    expect(await Promise.all(cookies.map((cookie) => me(third.url, cookie)))).toEqual([
      known,
      known,
    ])
    await fetch(`${third.url}/logout`, { method: 'POST', headers: { cookie: cookies[1] } })
    await third.close()

    const last: object[] = [onMongo, { ...onMongo, previous: atRest }]
    for (const session of [
      ...last.toReversed(),
      { ...atRest, previous: onRedis },
      onRedis,
      sqlite,
    ]) {
      const app = await lift(session)
      expect(await me(app.url, cookies[1])).toEqual({ userId: null })
      if (last.includes(session)) expect(await me(app.url, cookies[0])).toEqual(known)
      await app.close()
    }
  })
})

describe('an app whose previous is its very store', () => {
  it.each<[string, object, object]>([
    ['in the same words', { adapter: 'sqlite' }, { adapter: 'sqlite' }],
    ['in other words', { adapter: 'sqlite' }, { adapter: 'sqlite', file: './.data/sessions.db' }],
    ['unencrypted', { adapter: 'sqlite', encrypt: true }, { adapter: 'sqlite' }],
  ])('goes on as without, and a login has its new id: %s', async (_, main, previous) => {
    const root = await appFolder({})
    const before = await testApp(root, { routes, session: { secret: strongSecret, ...previous } })
    const ada = before.browser()
    await ada.post('/theme')
    const cookie = ada.cookie()
    await before.close()
    const session: object = { user: 'userId', ...main, previous }

    const app = await testApp(root, { routes, session: { secret: strongSecret, ...session } })
    onTestFinished(() => app.close())
    const login = await fetch(`${app.url}/login`, { method: 'POST', headers: { cookie } })
    const [line = ''] = login.headers.getSetCookie()
    const me = await fetch(`${app.url}/me`, { headers: { cookie: line } })

    expect(await me.json()).toEqual({ userId: 'ada', theme: 'dark' })
  })
})
