/** What the drop-in makes of an object that an app has put in the place of its session. */
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { MemoryStore } from '../../src/session/dropin.ts'
import { createTyped } from '../../src/session/typed.ts'
import { type AppRequest, count, startDropIn } from './dropin-ground.ts'
import { createGround, type GroundOptions } from './ground.ts'

const peer = createRequire(import.meta.url)('express-session')

type Put = (req: AppRequest) => void
const puts: [string, Put][] = [
  [
    'by the store’s createSession',
    (req) => {
      const expires = new Date(Date.now() + 50_000).toISOString()
      const cookie = { originalMaxAge: 60_000, expires, httpOnly: true, path: '/' }
      Reflect.get(req.sessionStore, 'createSession').call(req.sessionStore, req, {
        cookie,
        cart: 7,
      })
    },
  ],
  [
    'as a Session of its own',
    (req) => {
      const made = new peer.Session(req, { cart: 7 })
      made.cookie = new peer.Cookie({ maxAge: 60_000 })
      Object.assign(req, { session: made })
    },
  ],
]

describe.each(puts)('a session of express-session’s, put there %s', (_, put) => {
  it.each(['/new', '/known'])(
    'is stored as if it had been there from the start: %s',
    async (way) => {
      const store = new MemoryStore()
      const { browser, errors } = await startDropIn(
        (req, res) => {
          if (req.url === '/count') return count(req, res, () => {})
          if (req.url !== '/read') put(req)
          return res.end(JSON.stringify(req.session))
        },
        { store },
      )
      const ask = browser()
      if (way === '/known') await ask('/count')

      const { lines } = await ask(way)
      const { body } = await ask('/read')

      expect(errors).toEqual([])
      expect(lines).toEqual([expect.stringContaining('; Expires=')])
      expect(JSON.parse(body)).toMatchObject({ cart: 7, cookie: { originalMaxAge: 60_000 } })
      expect(JSON.parse(body)).not.toHaveProperty('views')
      expect(Object.keys(store.sessions)).toHaveLength(1)
    },
  )
})

const schema = z.object({ userId: z.string().optional(), theme: z.string().default('light') })

describe('a login by a session of express-session’s that is put there', () => {
  it.each<[string, GroundOptions]>([
    ['as it is', {}],
    ['typed', { typed: createTyped({ schema, version: 0, warn: () => {} }) }],
  ])('P10: rotates, and leaves what is kept beside the data: %s', async (_, options) => {
    const ground = createGround({ absolute: 3_600, ...options })
    const browser = ground.browser()
    await browser.visit((session) => session.flash('note', 'hello'))
    const { cookie } = browser
    const { now } = ground.time
    ground.time.now += 60_000

    await browser.visit((_session, req) => {
      const made = new peer.Session(req, { userId: 'ada' })
      made.cookie = new peer.Cookie({ maxAge: 60_000 })
      Object.assign(req, { session: made })
    })

    const { req } = await browser.open()
    const { _catamaran: kept } = JSON.parse(`${await ground.store.textOf(req.sessionID)}`)
    expect(browser.cookie).not.toBe(cookie)
    expect(await ground.browser(cookie).data()).not.toHaveProperty('userId')
    expect(req.session).toMatchObject({ userId: 'ada' })
    expect(kept).toMatchObject({ created: now, authenticated: now + 60_000 })
    expect(await req.session.takeFlash('note')).toEqual(['hello'])
  })
})

describe('a session without its cookie', () => {
  it.each<[string, Put]>([
    ['null', (req) => Object.assign(req.session, { cookie: null })],
    ['deleted', (req) => Reflect.deleteProperty(req.session, 'cookie')],
  ])('is refused, and what was stored stays: %s', async (_, take) => {
    const { browser, errors } = await startDropIn((req, res) => {
      if (req.url === '/count') return count(req, res, () => {})
      Object.assign(req.session, { cart: 7 })
      take(req)
      return res.end('done')
    })
    const ask = browser()
    await ask('/count')

    const { status } = await ask('/take')

    expect(status).toBe(500)
    expect(errors).toEqual([expect.objectContaining({ code: 'E_SESSION_COOKIE' })])
    expect((await ask('/count')).body).toBe('2')
  })
})

describe('any other object in the place of a session', () => {
  it.each(['/new', '/known'])('is refused, and what was stored stays: %s', async (way) => {
    const store = new MemoryStore()
    const { browser, errors } = await startDropIn(
      (req, res) => {
        if (req.url === '/count') return count(req, res, () => {})
        Object.assign(req, { session: { cart: 7 } })
        return res.end('done')
      },
      { store },
    )
    const ask = browser()
    if (way === '/known') await ask('/count')

    const { status } = await ask(way)

    expect(status).toBe(500)
    expect(errors).toEqual([expect.objectContaining({ code: 'E_SESSION_REPLACED' })])
    expect(Object.values(store.sessions).join()).not.toContain('cart')
    if (way === '/known') expect((await ask('/count')).body).toBe('2')
  })
})
