import { join } from 'node:path'
import type { Socket } from 'socket.io-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createApp } from '../../src/app.ts'
import { testApp } from '../../src/testing/app.ts'
import { connectSails, requestSails, type SailsSocket } from '../sockets/sails-client.ts'

/** A Sails 1.x app as it is: CommonJS, not a line changed, nothing installed. */
const root = join(import.meta.dirname, '..', 'fixtures', 'sails-app')

async function lift(environment: NodeJS.ProcessEnv = {}) {
  const app = await testApp(root, {}, { environment })
  onTestFinished(() => app.close())
  return app
}

const heard = (socket: Pick<SailsSocket | Socket, 'on'>, event: string) =>
  new Promise((resolve) => socket.on(event, resolve))

describe('an app written for Sails', () => {
  it('loads unchanged', async () => {
    const { app } = await lift()

    expect(app.config.environment).toBe('development')
    expect(app.config.session.secret).toBe('5f0c9d1e7b3a48269d84f1c2e6b7a093')
    expect(app.router.routes.map(({ target }) => target)).toContain('account/end-session')
  })

  it('answers over HTTP as it did', async () => {
    const { browser } = await lift()
    const visitor = browser()

    const answers = await Promise.all(
      ['/user', '/user/2', '/user/9', '/params/7?q=1', '/me', '/old-home', '/hello.txt'].map(
        (path) => visitor.get(path),
      ),
    )

    expect(answers).toMatchObject([
      { status: 200, body: [{ id: 1, name: 'ada' }, { name: 'eve' }] },
      { status: 200, body: { id: 2, name: 'eve' } },
      { status: 404 },
      { status: 200, body: { id: '7', all: { id: '7', q: '1' }, wantsJSON: true } },
      { status: 403 },
      { status: 302 },
      { status: 200, body: 'hello\n' },
    ])
  })

  it('runs its own middleware where its order says', async () => {
    const { browser } = await lift()

    const { headers } = await browser().get('/user')

    expect(headers.get('x-visits')).toMatch(/^[1-9]\d*$/)
  })

  it('gives a cookie at the first request and keeps its session', async () => {
    const { browser } = await lift()
    const visitor = browser()

    const first = await visitor.get('/user')
    const second = await visitor.get('/user')

    expect(first.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^sails\.sid=s%3A[\w-]{32}\.[^;]+; Path=\/; HttpOnly$/),
    ])
    expect(second.headers.getSetCookie()).toEqual([])
  })

  it('refuses a login with its own words', async () => {
    const { browser } = await lift()
    const refused = { problem: 'Nobody has that name.', given: { name: 'mallory' } }

    const http = await browser().post('/login', { name: 'mallory' })
    const socket = await browser().emit('POST /login', { name: 'mallory' })

    expect(http).toMatchObject({ status: 400, body: refused })
    expect(socket).toMatchObject({ statusCode: 400, body: refused })
  })

  it('logs in over HTTP for the socket, and out over the socket for HTTP', async () => {
    const { browser } = await lift()
    const visitor = browser()

    const login = await visitor.post('/login', { name: 'ada' })
    const me = await visitor.emit('GET /me')
    await visitor.emit('POST /logout')
    const after = await visitor.get('/me')

    expect(login.body).toEqual({ userId: 1, socket: false })
    expect(me).toMatchObject({
      statusCode: 200,
      body: { userId: 1, baseUrl: 'http://localhost:1337' },
    })
    expect(after.status).toBe(403)
  })

  it('logs in over the socket for HTTP, and ends the session over HTTP', async () => {
    const { browser } = await lift()
    const visitor = browser()

    const login = await visitor.emit('PUT /login', { name: 'eve' })
    const renamed = await visitor.patch('/account/name', { name: 'Eve' })
    const account = await visitor.get('/account')
    const ended = await visitor.delete('/account/session')
    const after = await visitor.get('/account')

    expect(login.body).toEqual({ userId: 2, socket: true })
    expect(renamed.body).toEqual({ name: 'Eve' })
    expect(account.body).toEqual({ account: 2, name: 'Eve' })
    expect(ended).toMatchObject({ status: 200, body: 'OK' })
    expect(after.status).toBe(403)
  })

  it('has its global while it is lifted, and no longer', async () => {
    const sails = () => Reflect.get(globalThis, 'sails')
    const app = await createApp(root, {
      environment: {},
      overrides: { port: 0, log: { level: 'silent' } },
    })
    await app.lift()

    expect(sails()).toMatchObject({ config: { custom: { crew: 'crew' } } })
    expect(sails().sockets.join).toBeTypeOf('function')
    await app.lower()
    expect(sails()).toBeUndefined()

    await app.lift()
    expect(sails()).toBeDefined()
    await app.lower()
    expect(sails()).toBeUndefined()
  })
})

describe('an app written for Sails, and its own sails.io.js', () => {
  it('log in on either door', async () => {
    const { url, browser } = await lift()
    const visitor = browser()
    await visitor.get('/user')
    const initialConnectionHeaders = { cookie: visitor.cookie() }
    const socket = await connectSails(url, { initialConnectionHeaders })

    const login = await requestSails(socket, {
      method: 'put',
      url: '/login',
      data: { name: 'ada' },
    })
    const me = await visitor.get('/me')
    await visitor.post('/logout')
    const after = await requestSails(socket, { method: 'get', url: '/me' })

    expect(login).toMatchObject({ statusCode: 200, body: { userId: 1, socket: true } })
    expect(me.body).toMatchObject({ userId: 1 })
    expect(after).toMatchObject({ statusCode: 403, body: 'Forbidden' })
  })

  it('hear what is sent to a room, and to all, but not what they sent', async () => {
    const { url, browser } = await lift()
    const old = await connectSails(url)
    await requestSails(old, { method: 'put', url: '/login', data: { name: 'ada' } })
    const young = browser()
    const stranger = await browser().socket()
    const own: unknown[] = []
    for (const event of ['came', 'counted']) (await young.socket()).on(event, (it) => own.push(it))
    const came = heard(old, 'came')
    const counted = Promise.all([heard(old, 'counted'), heard(stranger, 'counted')])
    const overheard: unknown[] = []
    stranger.on('came', (data) => overheard.push(data))

    await young.emit('PUT /login', { name: 'eve' })

    expect(await came).toEqual({ id: 2 })
    expect(await counted).toEqual([{ users: 2 }, { users: 2 }])
    expect([overheard, own]).toEqual([[], []])
  })

  it('hear an event without data, and what sails.io sends', async () => {
    const { url } = await lift()
    const socket = await connectSails(url)
    const ask = (verb: string) =>
      requestSails(socket, { method: 'post', url: `/room/${verb}`, data: { room: 'crew' } })
    const news: unknown[] = []
    socket.on('news', (data) => news.push(data))
    await ask('join')

    await ask('broadcast-event')
    const last = await ask('io')

    expect(last.statusCode).toBe(200)
    await expect.poll(() => news, { timeout: 10_000 }).toEqual([null, { to: 'crew' }])
  })

  it('are passed over with events nobody knows', async () => {
    const { browser } = await lift()
    const socket = await browser().socket()
    const answered: string[] = []
    for (const event of ['subscribe', 'GET']) socket.emit(event, {}, () => answered.push(event))

    await socket.emitWithAck('get', { url: '/user' })

    expect(answered).toEqual([])
  })

  it('begin anew on the same socket after the session has ended', async () => {
    const { url } = await lift()
    const socket = await connectSails(url)
    const send = (method: string, path: string, data = {}) =>
      requestSails(socket, { method, url: path, data })
    await send('put', '/login', { name: 'ada' })

    const ended = await send('delete', '/account/session')
    const after = await send('get', '/me')
    await send('put', '/login', { name: 'eve' })
    const again = await send('get', '/me')

    expect(ended).toMatchObject({ statusCode: 200, body: 'OK' })
    expect(after.statusCode).toBe(403)
    expect(again.body).toMatchObject({ userId: 2 })
  })
})

describe('an app written for Sails, in production', () => {
  const production = { NODE_ENV: 'production' }

  it('lifts with its own config/env/production', async () => {
    const { app, browser } = await lift(production)
    const visitor = browser()

    const login = await visitor.post('/login', { name: 'ada' })
    const file = await visitor.get('/hello.txt')
    const me = await visitor.emit('GET /me')

    expect(app.config.log.level).toBe('silent')
    expect(login.headers.getSetCookie()).toEqual([expect.stringContaining('Expires=')])
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000')
    expect(me.body).toEqual({ userId: 1, baseUrl: 'https://example.com' })
  })

  it('lets in the pages it names, and no others', async () => {
    const { url } = await lift(production)
    const from = (origin: string) =>
      fetch(new URL('/socket.io/?EIO=4&transport=polling', url), { headers: { origin } })

    expect((await from('https://example.com')).status).toBe(200)
    expect((await from('https://elsewhere.example')).status).toBe(403)
  })
})
