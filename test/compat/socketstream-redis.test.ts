/** What `ss.session.store.use('redis', …)` takes, on a real Redis that listens to a port and a unix socket. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SocketStream } from '../../src/compat/socketstream.ts'
import { describeOwnRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { documented, startStream } from './socketstream-ground.ts'

type Use = SocketStream['session']['store']['use']
type Config = NonNullable<Parameters<Use>[1]>

const pass = 'open sesame'

describeOwnRedis('the redis of SocketStream', () => {
  let folder: string
  let socket: string
  let server: TestRedis
  let client: ReturnType<typeof createClient>
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'catamaran socket '))
    socket = join(folder, 'redis.sock')
    server = await startRedis({ own: true, args: ['--unixsocket', socket, '--requirepass', pass] })
    client = createClient({ url: server.url, password: pass })
    client.on('error', () => {})
    await client.connect()
  })
  beforeEach(() => client.flushAll())
  afterAll(async () => {
    client.destroy()
    await server.close()
    await rm(folder, { recursive: true })
  })

  const start = (config: Config, maxAge: number | null = null) =>
    startStream({
      app(ss) {
        ss.session.store.use('redis', config)
        ss.session.options.maxAge = maxAge
        ss.http.route('/', (req, res) => res.end(String(req.session.id)))
      },
    })

  /** What a first visit leaves in a database: key without its id, and life in **seconds**. */
  async function left(db = 0): Promise<unknown[]> {
    const side = await client.duplicate({ database: db }).connect()
    const keys = await side.keys('*')
    const rows = keys.map(async (key) => [key.replace(/[\w-]{32}$/, 'ID'), await side.ttl(key)])
    const found = await Promise.all(rows)
    side.destroy()
    return found
  }

  const month = 2_592_000
  const near = (seconds: number) => expect.closeTo(seconds, -1)

  it('takes host, port, password, database, prefix and life', async () => {
    const { host, port } = server
    const { visitor } = await start({ host, port, pass, db: 3, prefix: 'old:', ttl: 770 })

    expect(await visitor().page('/')).toMatch(/^[\w-]{32}$/)
    expect(await left(3)).toEqual([['old:ID', near(770)]])
    expect(await left()).toEqual([])
  })

  it('takes the path of a unix socket, with password and database', async () => {
    const { visitor } = await start({ socket, pass, db: 2 })

    expect(await visitor().page('/')).toMatch(/^[\w-]{32}$/)
    expect(await left(2)).toEqual([['sess:ID', near(month)]])
  })

  it('takes a url', async () => {
    const url = `redis://:${encodeURIComponent(pass)}@${server.host}:${server.port}/4`
    const { visitor } = await start({ url })

    await visitor().page('/')
    expect(await left(4)).toEqual([['sess:ID', near(month)]])
  })

  it('takes a connected client of today, and leaves it open', async () => {
    const { ss, visitor } = await start({ client, prefix: 'mine:' })

    await visitor().page('/')
    await ss.stop()

    expect(await left()).toEqual([['mine:ID', near(month)]])
  })

  it('is asked nothing by calls that do not use the session, and once by one that does', async () => {
    const files = {
      ...documented,
      'server/rpc/plain.js': 'exports.actions = () => ({ square: (n) => n * n })',
    }
    const { visitor } = await startStream({
      files,
      app: (ss) => void ss.session.store.use('redis', { port: server.port, pass }),
    })
    const { browser, page, rpc } = visitor()
    await page('/')
    await browser.socket()
    /** Commands on keys since it was last asked. */
    const asked = async () => {
      const stats = await client.info('commandstats')
      await client.configResetStat()
      const lines = stats.matchAll(
        /^cmdstat_(get\w*|set\w*|eval\w*|expire\w*|del|ttl):calls=(\d+)/gm,
      )
      return [...lines].reduce((sum, [, , calls]) => sum + Number(calls), 0)
    }
    await asked()

    const squares = [1, 2, 3, 4, 5].map((n) => rpc('plain.square', n))
    expect(await Promise.all(squares)).toEqual([1, 4, 9, 16, 25])
    expect(await asked()).toBe(0)
    await rpc('app.getSession')
    expect(await asked()).toBe(1)
  })

  it('keeps a session as long as its cookie where that has an end', async () => {
    const { port } = server
    const { visitor } = await start({ port, pass, ttl: 770 }, 60_000)

    await visitor().page('/')
    expect(await left()).toEqual([['sess:ID', near(60)]])
  })

  it('does not start on a client that it can not use', async () => {
    const old = { get() {}, set() {} }

    await expect(start({ client: old })).rejects.toThrow(/`redis`, version 5 or newer/)
  })

  it('answers 503 while Redis is down, and goes on when it is back', async () => {
    const { visitor } = await start({ port: server.port, pass })
    const { browser, rpc } = visitor()
    await browser.get('/')
    await browser.socket()
    await server.kill()

    const page = await browser.get('/')
    expect([page.status, page.headers.get('retry-after')]).toEqual([503, '2'])
    expect(await rpc('app.getSession')).toMatchObject({ error: { code: 'E_STORE_DOWN' } })

    await server.start()
    const status = async () => (await browser.get('/')).status
    await vi.waitFor(async () => expect(await status()).toBe(200), { timeout: 20_000 })
  }, 60_000)
})

describe('the redis of SocketStream', () => {
  const use = (config: object) =>
    startStream({ app: (ss) => void ss.session.store.use('redis', config as Config) })

  it.each([
    [{ disableTTL: true }, /`disableTTL` is not taken, every session has an end here: give `ttl`/],
    [{ unref: true }, /`unref` is not taken, ss\.stop\(\) closes the connection/],
    [{ prot: 1234 }, /`prot` is not taken, did you mean "port"\?/],
    [{ retry_max_delay: 5 }, /`retry_max_delay` is not taken, give host, port, .* `client`/],
  ])('refuses what would have no effect: %j', async (config, message) => {
    await expect(use(config)).rejects.toThrow(message)
  })
})
