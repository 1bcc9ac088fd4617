import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { beforeEach, describe, expect, it } from 'vitest'
import { type SessionStore, storeKey } from '../../../src/session/store.ts'
import { ConnectFace } from '../../../src/session/stores/connect-face.ts'
import { createMemoryStore } from '../../../src/session/stores/memory.ts'

const expressSession = createRequire(import.meta.url)('express-session')
const cookie = { path: '/', httpOnly: true, originalMaxAge: null, expires: null }

describe('the Connect face of a store', () => {
  let now: number
  let store: SessionStore
  let face: ConnectFace

  beforeEach(() => {
    now = Date.now()
    store = createMemoryStore({ clock: () => now })
    face = new ConnectFace(store, { ttl: 60, clock: () => now })
    return () => store.close()
  })

  const inSeconds = (seconds: number) => new Date(now + seconds * 1000)
  const withEnd = (seconds: number, originalMaxAge: number) => ({
    cookie: { expires: inSeconds(seconds), originalMaxAge },
  })

  it('is a Store of express-session that gives the store itself to whoever can swap', () => {
    expect(face).toBeInstanceOf(expressSession.Store)
    expect(new ConnectFace(store)[storeKey]()).toBe(store)
    expect(face[storeKey]()).toMatchObject({ name: 'memory', ttl: 60 })
  })

  it('stores, overwrites, gives and removes sessions by promise', async () => {
    await face.set('a', { cookie, n: 1 })
    await face.set('a', { cookie, n: 2 })
    await face.set('b', { cookie })

    expect(await face.get('a')).toEqual({ cookie, n: 2 })
    expect(await face.get('c')).toBeNull()
    expect((await face.ids())?.sort()).toEqual(['a', 'b'])
    expect(await face.length()).toBe(2)
    expect(await face.all()).toContainEqual({ id: 'a', cookie, n: 2 })

    await face.destroy('a')
    expect(await face.get('a')).toBeNull()
    await face.clear()
    expect(await face.length()).toBe(0)
  })

  it('does the same by callback', async () => {
    const call = (run: (callback: (error?: unknown, value?: unknown) => void) => unknown) =>
      new Promise((resolve) => {
        expect(run((error, value) => resolve([error, value]))).toBeUndefined()
      })

    expect(await call((done) => face.set('a', { cookie, n: 1 }, done))).toEqual([null, undefined])
    expect(await call((done) => face.get('a', done))).toEqual([null, { cookie, n: 1 }])
    expect(await call((done) => face.touch('a', { cookie }, done))).toEqual([null, undefined])
    expect(await call((done) => face.length(done))).toEqual([null, 1])
    expect(await call((done) => face.destroy('a', done))).toEqual([null, undefined])
  })

  it('hands on what the store says when it fails', async () => {
    await store.create('a', 'no JSON', 60)

    await expect(face.get('a')).rejects.toThrow(SyntaxError)
    const error = await new Promise((resolve) => face.get('a', resolve))
    expect(error).toBeInstanceOf(SyntaxError)
  })

  it('lets a session live as long as its cookie, or else the usual time', async () => {
    await face.set('short', withEnd(10, 10_000))
    await face.set('usual', { cookie })

    now += 11_000
    expect([await face.get('short'), await face.length()]).toEqual([null, 1])
    now += 50_000
    expect(await face.get('usual')).toBeNull()
  })

  it('renews by touch what is there, and brings nothing back', async () => {
    await face.set('a', withEnd(10, 10_000))

    await face.touch('a', withEnd(30, 30_000))
    await face.touch('gone', withEnd(30, 30_000))
    now += 20_000

    expect(await face.get('a')).not.toBeNull()
    expect(await face.get('gone')).toBeNull()
  })

  it('removes a session whose cookie was brought to its end', async () => {
    await face.set('a', { cookie })
    await face.set('b', { cookie })

    await face.set('c', withEnd(1, 1_000))
    await face.set('d', { cookie })

    await face.set('a', withEnd(0, 0))
    await face.touch('b', withEnd(0, 0))
    await face.touch('d', withEnd(1, 1_000))

    expect((await face.ids())?.sort()).toEqual(['c', 'd'])
  })

  it('keeps a live session whose stored date is only old', async () => {
    await face.set('a', withEnd(10, 10_000))
    await face.touch('a', withEnd(100, 10_000))
    now += 20_000

    // What an early save() of a session that was read hands over.
    const read = await face.get('a')
    await face.set('a', { ...read, cookie: { ...read?.cookie }, n: 1 })

    expect(await face.get('a')).toMatchObject({ n: 1 })
    now += 9_000
    expect(await face.length()).toBe(1)
    now += 2_000
    expect(await face.length()).toBe(0)
  })

  it('overwrites also what another writes between its looking and its writing', async () => {
    const between = ['{"n":0}', '{"n":1}', '{"n":2}']
    const busy = async () => {
      const text = between.shift()
      if (text === undefined) return
      const before = await store.read('a')
      if (before === undefined) await store.create('a', text, 60)
      else await store.swap('a', before, text, 60)
    }
    const contended = new ConnectFace({
      ...store,
      create: async (...given) => busy().then(() => store.create(...given)),
      swap: async (...given) => busy().then(() => store.swap(...given)),
    })

    await contended.set('a', { cookie, n: 3 })

    expect(await face.get('a')).toMatchObject({ n: 3 })
  })

  it('gives up on a record that others never leave alone', async () => {
    const never = new ConnectFace({
      ...store,
      read: async () => '{}',
      swap: async () => ({ text: '{}' }),
    })

    await expect(never.set('a', { cookie })).rejects.toMatchObject({ code: 'E_SESSION_BUSY' })
  })

  it('serves a plain express-session app', async () => {
    const app = express()
    app.use(
      expressSession({
        store: face,
        secret: 'keyboard cat',
        resave: false,
        saveUninitialized: false,
      }),
    )
    app.get('/', (req, res) => {
      const { session } = req as unknown as { session: { views?: number } }
      session.views = (session.views ?? 0) + 1
      res.json(session.views)
    })
    app.get('/out', (req, res) => {
      const { session } = req as unknown as { session: { destroy(done: () => void): void } }
      session.destroy(() => res.end())
    })
    const server = createServer(app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

    const first = await fetch(url)
    const headers = { cookie: first.headers.get('set-cookie')?.split(';')[0] ?? '' }
    const views = [await first.json(), await (await fetch(url, { headers })).json()]
    await (await fetch(`${url}/out`, { headers })).text()
    server.close()

    expect(views).toEqual([1, 2])
    expect(await face.length()).toBe(0)
  })
})
