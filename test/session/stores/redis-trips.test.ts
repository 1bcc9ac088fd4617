import { createClient, type RedisClientType } from 'redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Browser } from '../../../src/testing/browser.ts'
import { connect } from '../../sockets/client.ts'
import { liftFiles } from '../../support/lift-files.ts'
import { describeOwnRedis, startRedis, type TestRedis } from '../../support/redis.ts'

const routes = `export default {
  'POST /login': (req) => { req.session.userId = 'ada'; return {} },
  'GET /me': (req) => ({ userId: req.session.userId ?? null }),
  'POST /n': (req) => { req.session.n = (req.session.n ?? 0) + 1; return {} },
  'POST /logout': async (req) => { await req.session.destroy(); return {} },
}`

/** Commands that one swap counts as: its script reads and writes within the same round trip. */
const swap = { evalsha: 1, get: 1, set: 1 }

describeOwnRedis('P7: what a request costs in Redis commands', () => {
  let server: TestRedis
  let raw: RedisClientType
  beforeAll(async () => {
    server = await startRedis({ own: true })
    raw = createClient({ url: server.url })
    await raw.connect()
  })
  afterAll(async () => {
    await raw.close()
    await server.close()
  })

  const doors: Record<string, (browser: Browser, request: string) => Promise<unknown>> = {
    HTTP: (browser, request) => {
      const [method, path] = request.split(' ') as ['GET' | 'POST', string]
      return method === 'GET' ? browser.get(path) : browser.post(path)
    },
    WebSocket: (browser, request) => browser.emit(request),
  }

  /** Logs in, lets the script be known and the socket be open, and gives a function that counts. */
  async function open(door: string, session: object = {}) {
    const settings = { adapter: 'redis', url: server.url, ...session }
    const app = await liftFiles({ 'config/routes.mjs': routes }, { session: settings })
    const browser = app.browser()
    const send = doors[door] as (typeof doors)[string]
    await browser.post('/login')
    await browser.socket()
    await send(browser, 'POST /n')
    await send(browser, 'POST /n')

    return async (request: string, times = 1) => {
      await raw.configResetStat()
      for (let n = 0; n < times; n += 1) await send(browser, request)
      return commands()
    }
  }

  /** How often each command was run since the counts were put back, but for those that no session needs. */
  async function commands(): Promise<Record<string, number>> {
    const info = await raw.info('commandstats')
    const counts = [...info.matchAll(/cmdstat_(\w+):calls=(\d+)/g)]
      .map(([, name, calls]) => [name ?? '', Number(calls)] as const)
      .filter(([name]) => !['info', 'config', 'ping'].includes(name))
    return Object.fromEntries(counts)
  }

  it.each(Object.keys(doors))('reads with one, and writes with two: %s', async (door) => {
    const count = await open(door)

    expect(await count('GET /me', 10)).toEqual({ get: 10 })
    expect(await count('POST /n')).toEqual({ ...swap, get: 2 })
  })

  it.each(Object.keys(doors))('renews within the read when that is due: %s', async (door) => {
    const count = await open(door, { touchAfter: 0 })

    expect(await count('GET /me', 10)).toEqual({ getex: 10 })
    expect(await count('POST /n')).toEqual({ ...swap, getex: 1 })
  })

  it('P16: connects a socket with one, a newcomer with none, and tells of an end with one message', async () => {
    const count = await open('WebSocket')
    const settings = { adapter: 'redis', url: server.url, prefix: 'connections:' }
    const app = await liftFiles({ 'config/routes.mjs': routes }, { session: settings })
    const browser = app.browser()
    await browser.post('/login')
    const extraHeaders = { Cookie: browser.cookie() }
    const asked = async (options: object, times: number) => {
      await raw.configResetStat()
      for (let n = 0; n < times; n += 1) await connect(app.url, options)
      return commands()
    }

    expect(await asked({ extraHeaders }, 20)).toEqual({ get: 20 })
    expect(await asked({}, 20)).toEqual({})
    expect(await count('POST /logout')).toEqual({ ...swap, get: 2, getdel: 1, publish: 1 })
  })

  it('asks nothing for a visitor without a cookie', async () => {
    const settings = { adapter: 'redis', url: server.url }
    const app = await liftFiles({ 'config/routes.mjs': routes }, { session: settings })
    await raw.configResetStat()

    await app.browser().get('/me')

    expect(await raw.info('commandstats')).not.toMatch(/cmdstat_(get|set|eval)/)
  })
})
