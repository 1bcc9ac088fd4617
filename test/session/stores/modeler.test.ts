/** fromModeler: a Connect store over real modeler collections, in memory and in a real Redis. */
import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import express from 'express'
import { createClient } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sess } from '../../../src/compat/sess.ts'
import type { ConnectSession } from '../../../src/session/stores/connect-face.ts'
import { fromModeler, type ModelerStore } from '../../../src/session/stores/modeler.ts'
import { openModelerStore } from '../../../src/session/stores/modeler-open.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'
import { spaced, without } from '../../support/contract.ts'
import { liftFiles } from '../../support/lift-files.ts'
import { describeRedis, startRedis, type TestRedis } from '../../support/redis.ts'
import { startServer } from '../wire.ts'
import {
  type Collection,
  memoryCollection,
  type RedisCollection,
  redisCollection,
  rowOf,
  saveRow,
} from './modeler-ground.ts'

const require = createRequire(import.meta.url)
const expressSession = require('express-session')

const plain = { path: '/', httpOnly: true, originalMaxAge: null, expires: null }
/** A session with a cookie that ends in so many seconds, if any. */
function sessionOf(data: object = {}, seconds?: number): ConnectSession {
  if (seconds === undefined) return { cookie: { ...plain }, ...data }
  const expires = new Date(Date.now() + seconds * 1000)
  return { cookie: { ...plain, originalMaxAge: seconds * 1000, expires }, ...data }
}

async function openAdapter(collection: Collection) {
  let now = Date.now()
  const context = { clock: () => now, storeTimeout: 30, warn: () => {} }
  const store = openModelerStore({ modeler: collection }, context)
  return {
    store,
    advance(seconds: number) {
      now += seconds * 1000
    },
    close: () => store.close(),
  }
}

storeContract('modeler', () => openAdapter(memoryCollection()), without(spaced))

describe('fromModeler over memory', () => behaves(async () => memoryCollection()))

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
})

/** What holds over every back-end. */
function behaves(open: () => Promise<Collection>): void {
  let collection: Collection
  let store: ModelerStore
  let now: number
  beforeEach(async () => {
    now = Date.now()
    collection = await open()
    store = fromModeler(collection, { clock: () => now })
  })

  it('is a Store of express-session', () => {
    expect(store).toBeInstanceOf(expressSession.Store)
    expect(store).toBeInstanceOf(EventEmitter)
  })

  it('stores, overwrites, gives and removes, by promise and by callback', async () => {
    await store.set('a', sessionOf({ n: 1 }))
    await store.set('a', sessionOf({ n: 2 }))
    expect(await store.get('a')).toEqual(sessionOf({ n: 2 }))
    expect(await store.get('b')).toBeNull()

    const called = await new Promise((resolve) => {
      store.get('a', (error, value) => resolve([error, value]))
    })
    expect(called).toEqual([null, sessionOf({ n: 2 })])

    await store.destroy('a')
    await store.destroy('a')
    expect(await store.get('a')).toBeNull()
  })

  it('keeps data of any name: those of modeler, of its back-ends and of Mongo', async () => {
    const odd = {
      id: 'x',
      rev: 7,
      created: 'c',
      updated: 'u',
      __old: 1,
      __idx: 2,
      _types: { a: 1 },
    }
    const data = { ...odd, _id: 1, 'a.b': { $set: 1 }, session: 's', expires: 'e', nothing: null }

    await store.set('a', sessionOf(data))
    await store.set('a', sessionOf(data))

    expect(await store.get('a')).toEqual(sessionOf(data))
  })

  it('keeps what a session was at the call, whatever becomes of the object', async () => {
    const session = sessionOf({ cart: { items: [1] } })
    const stored = store.set('a', session)
    ;(session['cart'] as { items: number[] }).items.push(2)
    await stored

    const read = await store.get('a')
    expect(read?.['cart']).toEqual({ items: [1] })
    Object(read)['cart'].items.push(3)
    expect((await store.get('a'))?.['cart']).toEqual({ items: [1] })
  })

  it('keeps the whole as one text in a row whose revision counts the writes', async () => {
    await store.set('a', sessionOf({ n: 1 }))
    await store.set('a', sessionOf({ n: 2 }))

    const row = await rowOf(collection, 'a')
    expect(JSON.parse(String(row?.['session']))).toEqual(sessionOf({ n: 2 }))
    expect(row).toMatchObject({ id: 'a', rev: 2, created: expect.any(Date) })
  })

  it('overwrites a row that somebody else writes meanwhile: the last one counts', async () => {
    await store.set('a', sessionOf({ n: 0 }))
    const { save } = collection
    let rivals = 3
    collection.save = (row, done) => {
      if (rivals-- <= 0) return save.call(collection, row, done)
      return rowOf(collection, 'a').then((other) => {
        const rival = { ...other, id: 'a', rev: Number(other?.rev) + 5 }
        save.call(collection, rival, () => save.call(collection, row, done))
      })
    }

    await store.set('a', sessionOf({ n: 1 }))

    expect((await store.get('a'))?.['n']).toBe(1)
  })

  it('stores fifty parallel writes of one id, and the last is what stays', async () => {
    const writes = Array.from({ length: 50 }, (_, n) => store.set('a', sessionOf({ n })))
    await Promise.all(writes)

    expect((await store.get('a'))?.['n']).toBe(49)
    expect(await store.length()).toBe(1)
  })

  it('renews the cookie by touch and nothing else', async () => {
    await store.set('a', sessionOf({ n: 1 }, 10))

    await store.touch('a', sessionOf({ n: 2 }, 60))
    now += 30_000

    expect(await store.get('a')).toMatchObject({ n: 1, cookie: { originalMaxAge: 60_000 } })
  })

  it('never creates by touch, nor brings back what is over', async () => {
    await store.set('over', sessionOf({}, 10))
    now += 11_000

    await store.touch('gone', sessionOf({}, 60))
    await store.touch('over', sessionOf({}, 60))

    expect(await rowOf(collection, 'gone')).toBeNull()
    expect(await store.get('over')).toBeNull()
  })

  it('ends sessions by their cookie in get, length, all and ids; a sweep removes them', async () => {
    await store.set('short', sessionOf({ n: 1 }, 10))
    await store.set('long', sessionOf({ n: 2 }, 60))
    now += 11_000

    expect(await store.get('short')).toBeNull()
    expect(await store.length()).toBe(1)
    expect(await store.ids()).toEqual(['long'])
    expect(await store.all()).toMatchObject([{ id: 'long', n: 2 }])
    expect(await rowOf(collection, 'short')).not.toBeNull()
    expect(await store.sweep()).toBe(1)
    expect(await rowOf(collection, 'short')).toBeNull()
  })

  it('ends a session without an end of its own after a day, or as told', async () => {
    await store.set('a', sessionOf())
    await fromModeler(collection, { clock: () => now, ttl: 60 }).set('b', sessionOf())

    now += 61_000
    expect(await store.ids()).toEqual(['a'])
    now += 86_400_000
    expect(await store.get('a')).toBeNull()
  })

  it('walks over many pages, also while it clears them', async () => {
    for (let n = 0; n < 250; n += 1) await store.set(`s${n}`, sessionOf({ n }))

    expect(await store.length()).toBe(250)
    expect(new Set(await store.ids()).size).toBe(250)
    await store.clear()
    expect(await store.length()).toBe(0)
  })

  it.each([null, undefined, ''])('asks the collection nothing for the id %s', async (id) => {
    const none = id as string

    expect(await store.get(none)).toBeNull()
    await store.destroy(none)
    await store.touch(none, sessionOf())
    await expect(store.set(none, sessionOf())).rejects.toThrow(/no session id/)
  })

  it('passes over rows that can not be read where it walks over all, and clears them, too', async () => {
    await store.set('good', sessionOf({ n: 1 }))
    await store.set('bad', sessionOf())
    await saveRow(collection, { ...(await rowOf(collection, 'bad')), id: 'bad', session: '{' })

    expect(await store.all()).toEqual([expect.objectContaining({ id: 'good', n: 1 })])
    await store.sweep()
    expect(await store.length()).toBe(2)
    await store.clear()

    expect(await rowOf(collection, 'bad')).toBeNull()
  })

  it('hands on what goes wrong, once, by promise or callback', async () => {
    await store.set('a', sessionOf())
    await saveRow(collection, { ...(await rowOf(collection, 'a')), id: 'a', session: 'no JSON' })
    await expect(store.get('a')).rejects.toThrow(SyntaxError)

    collection.load = () => {
      throw new Error('thrown')
    }
    await expect(store.get('a')).rejects.toThrow('thrown')
    collection.load = (_, done) => {
      done(new Error('first'))
      done(new Error('second'))
    }
    const errors: unknown[] = []
    store.get('a', (error) => errors.push(error))
    await sleep(20)
    expect(errors).toEqual([new Error('first')])
    const cyclic = sessionOf()
    cyclic['self'] = cyclic
    await expect(store.set('c', cyclic)).rejects.toThrow(/circular/)
  })

  it('does not wait for ever for a collection that never answers', async () => {
    collection.load = () => {}
    const silent = fromModeler(collection, { storeTimeout: 0.05 })

    await expect(silent.get('a')).rejects.toMatchObject({ code: 'E_MODELER_SILENT', status: 503 })
  })

  it('reads rows of sess, and keeps them as texts from the next write on', async () => {
    await saveRow(collection, collection.create({ id: 'old', user: 'ada', views: 3 }))

    const session = await store.get('old')
    expect(session).toMatchObject({ user: 'ada', views: 3, cookie: { path: '/' } })
    await store.set('old', { ...sessionOf(), ...session, views: 4 })

    const row = await rowOf(collection, 'old')
    expect(row).toMatchObject({ id: 'old', rev: 2 })
    expect(row).not.toHaveProperty('views')
    expect(await store.get('old')).toMatchObject({ user: 'ada', views: 4 })
  })

  it('keeps flat rows as sess does, on request', async () => {
    const flat = fromModeler(collection, { flat: true, clock: () => now })
    const when = new Date(0)
    await saveRow(collection, collection.create({ id: 'a', when, cart: { items: [1] } }))

    const read = await flat.get('a')
    expect(read).toEqual({ cookie: plain, when, cart: { items: [1] } })
    await flat.set('a', { ...sessionOf(), when, n: 1 })

    const row = await rowOf(collection, 'a')
    expect(Object.keys(row ?? {}).sort()).toEqual(['created', 'id', 'n', 'rev', 'updated', 'when'])
    expect(row).toMatchObject({ rev: 2, when, n: 1 })
    await expect(flat.set('a', sessionOf({ rev: 1 }))).rejects.toThrow(/rev/)
    await flat.set('short', sessionOf({ n: 1 }, 10))
    await flat.touch('short', sessionOf({ n: 2 }, 20))
    now += 15_000
    expect(await flat.get('short')).toMatchObject({ n: 1 })
    now += 15_000
    expect(await flat.get('short')).toBeNull()
  })

  it('ends flat rows by their last write, where a life is given', async () => {
    const flat = fromModeler(collection, { flat: true, ttl: 60, clock: () => now })
    await flat.set('a', sessionOf({ n: 1 }))

    now += 59_000
    expect(await flat.get('a')).not.toBeNull()
    now += 2_000
    expect(await flat.get('a')).toBeNull()
  })

  it('serves an express-session app, two of which share it', async () => {
    const middleware = { secret: 'keyboard cat', resave: false, saveUninitialized: false }
    const app = () =>
      express().use(expressSession({ ...middleware, store }), (req, res) => {
        const { session } = req as unknown as { session: { views?: number } }
        session.views = (session.views ?? 0) + 1
        res.json(session.views)
      })
    const [one, other] = await Promise.all([startServer(app()), startServer(app())])

    const first = await fetch(one.url)
    const headers = { cookie: first.headers.get('set-cookie')?.split(';')[0] ?? '' }
    // express-session's last byte follows the write, its headers do not.
    const views = [await first.json(), await (await fetch(other.url, { headers })).json()]

    expect(views).toEqual([1, 2])
  })
}

it('says of a collection without list() that it can not be walked over', async () => {
  const store = fromModeler({ ...memoryCollection(), list: undefined } as never)
  await store.set('a', sessionOf({ n: 1 }))

  expect(await store.get('a')).toMatchObject({ n: 1 })
  await expect(store.length()).rejects.toThrow(/has no list\(\)/)
})

it.each([{}, null, { load() {} }])('refuses what is no collection: %j', (given) => {
  expect(() => fromModeler(given as never)).toThrow(/has no/)
})

describe('adapter: { modeler: collection }', () => {
  const view = `export default {
    'GET /': (req) => req.session.update((session) => { session.n = (session.n ?? 0) + 1 }).then(() => ({ n: req.session.n })),
  }`

  it('keeps the sessions of an app in a collection, over both transports, nothing lost', async () => {
    const modeler = memoryCollection()
    const files = { 'config/routes.js': view }
    const browser = (await liftFiles(files, { session: { adapter: { modeler } } })).browser()

    await browser.get('/')
    await Promise.all(Array.from({ length: 20 }, () => browser.get('/')))

    expect((await browser.emit('GET /')).body).toEqual({ n: 22 })
    expect(await fromModeler(modeler).all()).toMatchObject([{ n: 22 }])
  })

  it('shares flat rows with sess, both ways', async () => {
    const modeler = memoryCollection()
    const files = { 'config/routes.js': view }
    const adapter = { modeler, flat: true }
    const browser = (await liftFiles(files, { session: { adapter } })).browser()
    await browser.get('/')
    const [id = ''] = (await fromModeler(modeler).ids()) ?? []
    const middleware = sess({ sessions: modeler })
    const { url } = await startServer((req, res) =>
      middleware(req, res, () => {
        const { session } = req as unknown as { session: { n: number } }
        session.n += 100
        res.end(`${session.n}`)
      }),
    )

    const page = await fetch(url, { headers: { cookie: `sess=${id}` } })

    expect(await page.text()).toBe('101')
    expect((await browser.get('/')).body).toEqual({ n: 102 })
  })

  it('lets a visitor in whose row can not be read', async () => {
    const modeler = memoryCollection()
    const files = { 'config/routes.js': view }
    const browser = (await liftFiles(files, { session: { adapter: { modeler } } })).browser()
    await browser.get('/')
    const [session] = (await fromModeler(modeler).all()) ?? []
    await saveRow(modeler, {
      ...(await rowOf(modeler, session?.['id'] as string)),
      session: '{',
    } as never)

    expect(await browser.get('/')).toMatchObject({ status: 200, body: { n: 1 } })
  })

  it('does not lift on a client that modeler-redis can not use', async () => {
    const options = { client: { get() {}, set() {} } }
    const modeler = { ...memoryCollection(), options }

    const lift = liftFiles({ 'config/routes.js': view }, { session: { adapter: { modeler } } })

    await expect(lift).rejects.toThrow(/redis 0\.8 to 3/)
  })
})
