import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Files, liftFiles } from '../support/lift-files.ts'
import { describeOwnRedis, describeRedis, startRedis } from '../support/redis.ts'

const files: Files = {
  'config/routes.mjs': `
    const wait = (ms) => new Promise((done) => setTimeout(done, ms))
    export default {
      'GET /all': (req) => ({ ...req.session, cookie: undefined }),
      'PUT /set/:key': async (req) => {
        await wait(Number(req.query.wait ?? 0))
        req.session[req.param('key')] = req.body.value ?? true
        return {}
      },
      'PUT /later': (req, res) => { res.json({}); req.session.sync = true },
      'POST /login': (req) => { req.session.userId = 'ada'; return {} },
      'POST /logout': async (req) => { await req.session.destroy(); return {} },
      'POST /regenerate': async (req) => { await req.session.regenerate(); return {} },
      'GET /id': (req) => ({ id: req.sessionID }),
    }`,
}

function sessions(session: () => Promise<object>): void {
  it('keeps what 20 parallel events of one fresh socket set', async () => {
    const app = await liftFiles(files, { session: await session() })
    const browser = app.browser()
    const keys = Array.from({ length: 20 }, (_, index) => `key${index}`)

    const acks = await Promise.all(keys.map((key) => browser.emit(`PUT /set/${key}?wait=5`, {})))

    expect(acks.map(({ statusCode }) => statusCode)).toEqual(keys.map(() => 200))
    expect((await browser.emit('GET /all')).body).toEqual(
      Object.fromEntries(keys.map((key) => [key, true])),
    )
    expect(Object.keys((await browser.get('/all')).body as object)).toHaveLength(20)
  })

  it('W3: has committed before its ack, 50 times of 50', async () => {
    const app = await liftFiles(files, { session: await session() })
    const browser = app.browser()

    for (let value = 0; value < 50; value += 1) {
      await browser.emit('PUT /set/count', { value })
      expect((await browser.get('/all')).body).toEqual({ count: value })
    }
  })

  it('keeps what is set synchronously after the answer', async () => {
    const app = await liftFiles(files, { session: await session() })
    const browser = app.browser()

    await browser.emit('PUT /later')

    expect((await browser.emit('GET /all')).body).toEqual({ sync: true })
  })
}

describe('the session of a socket, on memory', () => {
  sessions(async () => ({}))

  it('keeps its id and loses its data by regenerate', async () => {
    const app = await liftFiles(files)
    const browser = app.browser()
    await browser.emit('POST /login')
    const before = await browser.emit('GET /id')

    await browser.emit('POST /regenerate')

    expect((await browser.emit('GET /id')).body).toEqual(before.body)
    expect((await browser.emit('GET /all')).body).toEqual({})
    expect((await browser.get('/all')).body).toEqual({})
  })

  it('logs out and in again on one socket, under a fresh id', async () => {
    const app = await liftFiles(files)
    const browser = app.browser()
    await browser.emit('POST /login')
    const first = await browser.emit('GET /id')
    const { id } = await browser.socket()

    await browser.emit('POST /logout')
    const between = await browser.emit('GET /all')
    await browser.emit('POST /login')

    expect(between.body).toEqual({})
    expect((await browser.emit('GET /all')).body).toEqual({ userId: 'ada' })
    expect((await browser.emit('GET /id')).body).not.toEqual(first.body)
    expect((await browser.socket()).id).toBe(id)
    expect((await browser.get('/all')).body).toEqual({})
  })

  it('stays logged out when a slow event of the same socket comes late', async () => {
    const app = await liftFiles(files)
    const browser = app.browser()
    await browser.emit('POST /login')

    const slow = browser.emit('PUT /set/late?wait=50', {})
    await sleep(10)
    await browser.emit('POST /logout')
    const late = await slow

    expect(late.statusCode).toBe(200)
    expect((await browser.emit('GET /all')).body).toEqual({})
    expect((await browser.get('/all')).body).toEqual({})
  })
})

describeRedis('the session of a socket, on redis', () => {
  sessions(async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.close())
    return { adapter: 'redis', port: redis.port, prefix: `sockets-${Date.now()}:` }
  })
})

describeOwnRedis('an event whose commit fails', () => {
  it.each(['kill', 'pause'] as const)('is acknowledged by 503 (%s)', async (fail) => {
    const redis = await startRedis({ own: true })
    onTestFinished(() => redis.close())
    const app = await liftFiles(files, { session: { adapter: 'redis', port: redis.port } })
    const browser = app.browser()
    await browser.emit('POST /login')

    const slow = browser.emit('PUT /set/late?wait=60', {})
    await sleep(30)
    await redis[fail]()
    const { statusCode, headers, body } = await slow

    expect(statusCode).toBe(503)
    expect(headers).toMatchObject({ 'retry-after': '2' })
    expect(body).toMatchObject({ code: 'E_STORE_DOWN' })
  })
})
