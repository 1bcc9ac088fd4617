/**
 * Beside the real thing: an Express app on express-session and somebody else's Redis store, and an app of
 * ours, share one Redis, one secret and one browser.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { RedisStore as TheirStore } from 'connect-redis'
import express, { type RequestHandler } from 'express'
import { createClient } from 'redis'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { liftFiles, strongSecret } from '../../support/lift-files.ts'
import { describeRedis, startRedis, type TestRedis } from '../../support/redis.ts'

const require = createRequire(import.meta.url)
type SessionFunction = (options: object) => RequestHandler
const session: SessionFunction = require('express-session')
const key = 'shared.sid'

/** What only they write: deep, odd, and unknown to us. */
const theirs = {
  user: { id: 7, name: 'Adé ☃', roles: ['a', 'b'], nested: { deep: [1, { x: null }] } },
  passport: { user: 7 },
  'dotted.key': 0,
  empty: '',
  when: '2026-11-25T00:00:00.000Z',
}

/** Named like a method of our sessions: an action of ours does not see it, and it must stay all the same. */
const hidden = { flash: { error: ['wrong password'] } }

describeRedis('sessions shared with express-session', () => {
  let server: TestRedis
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.close())

  /** connect-redis, on today's client. */
  async function connectRedis(prefix: string): Promise<object> {
    const client = createClient({ url: server.url })
    await client.connect()
    onTestFinished(() => client.close())
    return new TheirStore({ client, prefix })
  }

  /** What a Sails app of today runs, on the callback client of its time. */
  async function sailsRedis(prefix: string): Promise<object> {
    const old: { createClient(url: string): { end(flush: boolean): void } } = require('redis-3')
    const client = old.createClient(server.url)
    onTestFinished(() => client.end(true))
    const make: (from: object) => new (options: object) => object =
      require('@sailshq/connect-redis')
    return new (make(session))({ client, prefix })
  }

  async function theirApp(store: object, cookie: object): Promise<string> {
    const app = express()
    const options = { secret: strongSecret, name: key, resave: false, saveUninitialized: false }
    app.use(session({ ...options, store, cookie }))
    app.get('/set', (req, res) => {
      const { session } = req as unknown as { session: object }
      Object.assign(session, JSON.parse(String(req.query['data'])))
      res.json({})
    })
    app.get('/all', (req, res) => void res.json((req as unknown as { session: object }).session))
    const listening = app.listen(0, '127.0.0.1')
    await once(listening, 'listening')
    onTestFinished(() => void listening.close())
    return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
  }

  async function ourApp(prefix: string, cookie: object): Promise<string> {
    const routes = `export default {
      'GET /set': (req) => { Object.assign(req.session, JSON.parse(req.query.data)); return {} },
      'GET /all': (req) => req.session,
    }`
    const settings = { adapter: 'redis', url: server.url, prefix, key, cookie }
    const { url } = await liftFiles({ 'config/routes.mjs': routes }, { session: settings })
    return url
  }

  /** One browser, which visits either app. */
  function browser() {
    let cookie = ''
    async function visit(url: string): Promise<Record<string, unknown>> {
      const answer = await fetch(url, { headers: { cookie } })
      cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
      expect(answer.status).toBe(200)
      return (await answer.json()) as Record<string, unknown>
    }
    return {
      set: (app: string, data: object) =>
        visit(`${app}/set?data=${encodeURIComponent(JSON.stringify(data))}`),
      async data(app: string) {
        const { cookie: _, ...data } = await visit(`${app}/all`)
        return data
      },
    }
  }

  const stores = { 'connect-redis': connectRedis, '@sailshq/connect-redis': sailsRedis }
  const cookies = [{}, { maxAge: 60_000 }]
  const cases = Object.entries(stores).flatMap(([name, open]) =>
    cookies.map((cookie) => ({ name, cookie, open })),
  )

  it.each(cases)('by $name (cookie $cookie) are read, changed and read back', async (given) => {
    const prefix = `${randomUUID()}:`
    const them = await theirApp(await given.open(prefix), given.cookie)
    const us = await ourApp(prefix, given.cookie)
    const ada = browser()

    await ada.set(them, { ...theirs, ...hidden })
    const readByUs = await ada.data(us)
    await ada.set(us, { ours: { n: 1 } })
    const readByThem = await ada.data(them)
    await ada.set(them, { theirs: 2 })
    const atLast = await ada.data(us)

    expect(readByUs).toEqual(theirs)
    expect(readByThem).toEqual({ ...theirs, ...hidden, ours: { n: 1 } })
    expect(atLast).toEqual({ ...theirs, ours: { n: 1 }, theirs: 2 })
  })

  it.each(cases)(
    'by us are read, changed and read back by $name (cookie $cookie)',
    async (given) => {
      const prefix = `${randomUUID()}:`
      const them = await theirApp(await given.open(prefix), given.cookie)
      const us = await ourApp(prefix, given.cookie)
      const ada = browser()

      await ada.set(us, theirs)
      const readByThem = await ada.data(them)
      await ada.set(them, { theirs: 2 })
      const readByUs = await ada.data(us)

      expect(readByThem).toEqual(theirs)
      expect(readByUs).toEqual({ ...theirs, theirs: 2 })
    },
  )
})
