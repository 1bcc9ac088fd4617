import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connect, type SessionEvent } from '../../src/client/client.ts'
import type { TestApp } from '../../src/testing/app.ts'
import { type Files, liftFiles } from '../support/lift-files.ts'
import { visit } from './ground.ts'

const files: Files = {
  'config/routes.mjs': `
    const wait = (ms) => new Promise((done) => setTimeout(done, ms))
    const seen = (req) => ({ verb: req.method, id: req.params.id, q: req.query.q, body: req.body })
    const verbs = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']
    export default {
      ...Object.fromEntries(verbs.map((verb) => [verb + ' /boats/:id', seen])),
      'GET /me': ({ session }) => ({ userId: session.userId ?? null }),
      'POST /login': (req) => { req.session.userId = req.body.user; return { hello: req.body.user } },
      'POST /logout': async (req) => { await req.session.destroy(); return {} },
      'POST /rotate': async (req) => { await req.session.rotate(); return {} },
      'PUT /echo': (req, res) => { res.set('X-Ours', 'yes'); return { body: req.body, said: req.get('x-said') } },
      'GET /slow': async () => { await wait(300); return {} },
      'POST /slow': async () => { await wait(300); return {} },
      'GET /teapot': (req, res) => { res.status(418); return { code: 'E_TEAPOT', message: 'short and stout' } },
      'ON sum': (req) => req.body.reduce((a, b) => a + b, 0),
      'ON fails': () => { throw Object.assign(new Error('no'), { status: 409, code: 'E_NO' }) },
    }`,
}

const lift = (overrides: object = {}): Promise<TestApp> =>
  liftFiles(files, { session: { user: 'userId' }, ...overrides })

describe('requests of a client', () => {
  it('give status, headers and body', async () => {
    const { client } = visit((await lift()).url)

    const answer = await client.put('/echo', { a: 1 }, { headers: { 'x-said': 'ahoy' } })

    expect(answer).toMatchObject({
      status: 200,
      headers: { 'x-ours': 'yes' },
      body: { body: { a: 1 }, said: 'ahoy' },
    })
  })

  it.each(['get', 'post', 'put', 'patch', 'delete', 'head', 'options'] as const)(
    'reach the route of their verb, with data and query: %s',
    async (verb) => {
      const { client } = visit((await lift()).url)

      const { status, body } = await client[verb]<{ verb: string; id: string }>('/boats/7?q=1', {
        sails: 2,
      })

      // @ts-expect-error: no such field of this body
      expect(body.name).toBeUndefined()
      expect(status).toBe(200)
      expect(body).toEqual({
        verb: verb.toUpperCase(),
        id: '7',
        q: '1',
        body: { sails: 2 },
      })
    },
  )

  it('of a type nobody has named give what is to be looked at first', async () => {
    const { client } = visit((await lift()).url)

    const { body } = await client.patch('/boats/7')

    // @ts-expect-error: it is unknown
    expect(body.id).toBe('7')
  })

  it('reject with status, code and body', async () => {
    const { client } = visit((await lift()).url)

    await expect(client.get('/teapot')).rejects.toMatchObject({
      name: 'RequestError',
      status: 418,
      code: 'E_TEAPOT',
      message: 'short and stout',
      body: { code: 'E_TEAPOT' },
    })
    await expect(client.get('/nowhere')).rejects.toMatchObject({ status: 404 })
    await expect(client.get('')).rejects.toMatchObject({
      status: 400,
      code: 'SAILS:HOOK:SOCKETS:PARSE_VIRTUAL_REQ',
      message: 'Failed to parse incoming socket.io request.',
    })
  })

  it('reject when the answer takes too long', async () => {
    const { client } = visit((await lift()).url)

    const asking = client.get('/slow', undefined, { timeout: 0.1 })

    await expect(asking).rejects.toMatchObject({ status: 0, code: 'E_TIMEOUT' })
  })
})

describe('events of a client', () => {
  it('give what they are acknowledged with, or reject', async () => {
    const { client } = visit((await lift()).url)

    expect(await client.emit('sum', 1, 2, 3)).toBe(6)
    await expect(client.emit('fails')).rejects.toMatchObject({ status: 409 })
    await expect(client.emit('unknown')).rejects.toMatchObject({ status: 404 })
  })
})

describe('W6: a login by the client', () => {
  it('is one over HTTP too, with the answer', async () => {
    const { client, get, cookie } = visit((await lift()).url)

    await client.post('/login', { user: 'ada' })
    expect(await get('/me')).toEqual({ userId: 'ada' })
    const first = cookie()
    await client.post('/login', { user: 'bob' })

    expect(cookie()).not.toBe(first)
    expect(await get('/me')).toEqual({ userId: 'bob' })
  })

  it('works again after a logout, on the same client', async () => {
    const { client, get } = visit((await lift()).url)

    for (const user of ['ada', 'bob', 'eve']) {
      await client.post('/login', { user })
      expect(await get('/me')).toEqual({ userId: user })
      await client.post('/logout')
      expect(await get('/me')).toEqual({ userId: null })
    }
  })

  it('brings its siblings along', async () => {
    const { url } = await lift()
    const first = visit(url)
    await first.client.post('/login', { user: 'ada' })
    const second = visit(url, {
      jar: { get: first.cookie, set() {} },
    })
    expect((await second.client.get('/me')).body).toEqual({ userId: 'ada' })

    await first.client.post('/rotate')

    await expect.poll(async () => (await second.client.get('/me')).body).toEqual({ userId: 'ada' })
  })

  it('of a newcomer’s first tab counts in the second', async () => {
    const { url } = await lift()
    const { CookieJar } = await import('tough-cookie')
    const jar = new CookieJar()
    const first = visit(url, {}, jar)
    await first.client.get('/me')
    const second = visit(url, {}, jar)
    await second.client.get('/me')

    await first.client.post('/login', { user: 'ada' })

    expect(await first.get('/me')).toEqual({ userId: 'ada' })
    await expect.poll(async () => (await second.client.get('/me')).body).toEqual({ userId: 'ada' })
  })
})

describe('the end of a session', () => {
  it('is told; the next request is a stranger’s', async () => {
    const app = await lift()
    const { client, cookie } = visit(app.url)
    await client.post('/login', { user: 'ada' })
    const events: SessionEvent[] = []
    client.on('session', (event) => events.push(event))

    await fetch(`${app.url}/logout`, { method: 'POST', headers: { cookie: cookie() } })
    await expect.poll(() => events.length).toBe(1)

    expect(events).toEqual([{ type: 'ended', reason: 'destroyed', reconnect: false }])
    expect((await client.get('/me')).body).toEqual({ userId: null })
  })
})

describe('a client without a connection', () => {
  /** An address where nothing answers yet. */
  async function freePort(): Promise<number> {
    const server = createServer().listen(0)
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    return port
  }

  it('lets requests wait until there is one', async () => {
    const port = await freePort()
    const { client } = visit(`http://localhost:${port}`, { socket: { reconnectionDelay: 50 } })
    const login = client.post('/login', { user: 'ada' })
    await sleep(100)

    await lift({ port })

    expect((await login).body).toEqual({ hello: 'ada' })
    expect((await client.get('/me')).body).toEqual({ userId: 'ada' })
  })

  it('lets only so many wait, and only so long', async () => {
    const { client } = visit(`http://localhost:${await freePort()}`, { queue: 2, timeout: 0.3 })

    const asked = await Promise.allSettled([1, 2, 3].map(() => client.get('/me')))

    expect(asked.map((outcome) => outcome.status === 'rejected' && outcome.reason.code)).toEqual([
      'E_TIMEOUT',
      'E_TIMEOUT',
      'E_QUEUE_FULL',
    ])
  })

  it('asks again what changes nothing, and says of the rest that it may be lost', async () => {
    const { client } = visit((await lift()).url, { socket: { reconnectionDelay: 50 } })
    await client.get('/me')
    const [safe, unsafe] = [client.get('/slow'), client.post('/slow')]
    const lost = expect(unsafe).rejects.toMatchObject({ code: 'E_DISCONNECTED' })
    await sleep(50)

    client.socket.io.engine.close()

    await lost
    expect((await safe).status).toBe(200)
  })

  it('that was closed rejects what waits', async () => {
    const { client } = visit(`http://localhost:${await freePort()}`)
    const asking = client.get('/me')

    client.close()

    await expect(asking).rejects.toMatchObject({ code: 'E_DISCONNECTED' })
  })
})

describe('a client without a cookie jar', () => {
  it('W6: keeps its id at a login', async () => {
    const { url } = await lift()
    const client = connect(url)
    onTestFinished(() => client.close())

    await client.post('/login', { user: 'ada' })
    await client.post('/login', { user: 'bob' })

    expect((await client.get('/me')).body).toEqual({ userId: 'bob' })
  })
})

describe('W12: a client in use', () => {
  it('has its cookie renewed before that ends', async () => {
    const { client, cookie } = visit((await lift({ session: { cookie: { maxAge: 3000 } } })).url)
    await client.post('/login', { user: 'ada' })
    const seen = new Set<string>()

    for (let time = 0; time < 20; time += 1) {
      await sleep(200)
      seen.add(cookie())
      await client.get('/me')
    }

    expect([...seen].every((pair) => pair.startsWith('sails.sid='))).toBe(true)
  })
})
