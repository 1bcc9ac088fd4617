/** What fromModeler does over every back-end. */
import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import express from 'express'
import { beforeEach, expect, it } from 'vitest'
import { fromModeler, type ModelerStore } from '../../../src/session/stores/modeler.ts'
import { startServer } from '../wire.ts'
import { type Collection, plain, rowOf, saveRow, sessionOf } from './modeler-ground.ts'

const expressSession = createRequire(import.meta.url)('express-session')

/** Tests, each on a collection of its own. */
export function behaves(open: () => Promise<Collection>): void {
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
