import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from 'redis'
import { CookieJar } from 'tough-cookie'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createApp } from '../../src/app.ts'
import type { TestApp } from '../../src/testing/app.ts'
import { visit } from '../client/ground.ts'
import { heard } from '../sockets/client.ts'
import { listenToLog } from '../sockets/log.ts'
import { shake } from '../sockets/raw.ts'
import { appFolder, strongSecret } from '../support/app-folder.ts'
import { describeOwnRedis, describeRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { startCluster } from '../support/redis-cluster.ts'
import { liftNode, loggedIn, send, tab } from './pair.ts'

const packages = createRequire(import.meta.url)
const socketIo = packages.resolve('socket.io')
const base = createRequire(socketIo).resolve('socket.io-adapter')

/** An adapter that leads to the other servers of its process. */
const ownAdapter = `
  const { Adapter } = require(${JSON.stringify(base)})
  const all = (globalThis[Symbol.for('test.adapters')] ??= new Set())
  exports.createAdapter = ({ color }) => class extends Adapter {
    constructor(nsp) { super(nsp); this.color = color; all.add(this) }
    serverSideEmit(packet) {
      for (const other of all) {
        if (other !== this && other.color === this.color) other.nsp._onServerSideEmit(packet)
      }
    }
    close() { all.delete(this) }
  }`

describeRedis('sockets.adapter', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.close())

  it('is a module of the app, called with adapterOptions', async () => {
    const folder = await appFolder({ 'bus.cjs': ownAdapter })
    const sockets = { adapter: `${folder}/bus.cjs`, adapterOptions: { color: 'red' } }
    const session = { adapter: 'redis', url: redis.url, prefix: 'named:' }
    const [one, two] = [await liftNode({ sockets }, session), await liftNode({ sockets }, session)]
    const browser = await loggedIn(one.url)
    const there = await tab(two.url, browser)
    const told = heard(there, 'session:ended')

    await browser.post('/logout')

    expect(await told).toEqual({ reason: 'destroyed', reconnect: false })
  })

  describe('memory keeps a node to itself', () => {
    const alone = async (): Promise<[TestApp, TestApp]> => {
      const session = { adapter: 'redis', url: redis.url, prefix: `${Math.random()}:` }
      const sockets = { adapter: 'memory' }
      return [await liftNode({ sockets }, session), await liftNode({ sockets }, session)]
    }

    it.each([
      ['/logout', { reason: 'expired', reconnect: true }],
      ['/regenerate', { reason: 'expired', reconnect: true }],
      ['/rotate', { reason: 'rotated', reconnect: true }],
    ])(
      'W4: POST %s on the other is seen at the next event, which is refused',
      async (path, end) => {
        const [one, two] = await alone()
        const browser = await loggedIn(one.url)
        const there = await tab(two.url, browser)
        const told = heard(there, 'session:ended')

        await browser.post(path)
        const { statusCode, body } = await send(there, 'get', '/me')

        expect([statusCode, body.code]).toEqual([401, 'E_SESSION_ENDED'])
        expect(await told).toEqual(end)
      },
    )

    it('W6: our client asks again with the new cookie after a rotation on the other', async () => {
      const [one, two] = await alone()
      const jar = new CookieJar()
      const first = visit(one.url, {}, jar)
      await first.client.post('/login')
      const second = visit(two.url, {}, jar)
      await second.client.get('/me')

      await first.client.post('/rotate')
      const me = await second.client.get('/me')

      expect([me.status, me.body]).toEqual([200, { userId: 'ada' }])
    })
  })

  it.each([
    ['a package that is not there', 'no-such-adapter', 'npm install no-such-adapter'],
    [
      'a module without createAdapter',
      import.meta.resolve('cookie-parser'),
      'exports no createAdapter',
    ],
  ])('says what is wrong with %s', async (_, name, words) => {
    const adapter = name.startsWith('file:') ? fileURLToPath(name) : name
    const lifting = liftNode({ sockets: { adapter } })

    await expect(lifting).rejects.toMatchObject({ code: 'E_SOCKET_ADAPTER' })
    await expect(lifting).rejects.toThrow(words)
  })

  it('says what is wrong with an arrow function, which Socket.IO cannot call', async () => {
    const lifting = liftNode({ sockets: { adapter: (_namespace: never) => ({}) } })

    await expect(lifting).rejects.toMatchObject({ code: 'E_SOCKET_ADAPTER' })
    await expect(lifting).rejects.toThrow('is an arrow function')
  })

  it('says in the log when nothing leads from a shared store to the other nodes', async () => {
    const { Adapter } = packages(base)
    const root = await appFolder({})
    const session = { secret: strongSecret, adapter: 'redis', url: redis.url }
    const app = await createApp(root, {
      overrides: { port: 0, log: { level: 'silent' }, session, sockets: { adapter: Adapter } },
      environment: {},
    })
    const said = vi.spyOn(app.log, 'info')

    await app.lift()
    await app.lower()

    expect(said.mock.calls.flat().join()).toContain('no sockets.adapter connects the nodes')
  })

  it('closes at the end what a package has opened, whose timers would go on', async () => {
    const { Adapter } = packages(base)
    const close = vi.fn()
    class Connected extends Adapter {
      serverSideEmit() {}
      close = close
    }

    const app = await liftNode({ sockets: { adapter: Connected } })
    await app.close()

    expect(close).toHaveBeenCalledOnce()
  })

  it('reaches rooms on all nodes, and at once those who join here', async () => {
    const session = { adapter: 'redis', url: redis.url, prefix: 'rooms:' }
    const [one, two] = [await liftNode({}, session), await liftNode({}, session)]
    const browser = await loggedIn(one.url)
    const [here, there] = [await tab(one.url, browser), await tab(two.url, browser)]
    const news = [heard(there, 'news'), heard(here, 'news')]

    await send(there, 'post', '/join')
    await send(here, 'post', '/tell')
    await send(here, 'post', '/join-tell')

    expect(await Promise.all(news)).toEqual(['hot', 'mine'])
  })

  it('takes those who are in a room out of all their rooms, on all nodes', async () => {
    const session = { adapter: 'redis', url: redis.url, prefix: 'leave:' }
    const [one, two] = [await liftNode({}, session), await liftNode({}, session)]
    const browser = await loggedIn(one.url)
    const [here, there] = [await tab(one.url, browser), await tab(two.url, browser)]
    const roomsThere = async () => (await send(there, 'get', '/rooms')).body
    await send(there, 'post', '/join')
    await send(there, 'post', '/join-tell')
    expect(await roomsThere()).toEqual(['room', 'own'])

    await send(here, 'post', '/leave-all')

    await expect.poll(roomsThere).toEqual([])
  })

  it('goes by a client of the app’s own, duplicated', async () => {
    const clients = [createClient({ url: redis.url }), createClient({ url: redis.url })]
    await Promise.all(clients.map((client) => client.connect()))
    const [one, two] = [
      await liftNode({}, { adapter: 'redis', client: clients[0], prefix: 'client:' }),
      await liftNode({}, { adapter: 'redis', client: clients[1], prefix: 'client:' }),
    ]
    const browser = await loggedIn(one.url)
    const told = heard(await tab(two.url, browser), 'session:ended')

    await browser.post('/logout')
    const ending = await told
    await Promise.all([one.app.lower(), two.app.lower()])

    expect(ending).toMatchObject({ reason: 'destroyed' })
    expect(clients.map((client) => client.isReady)).toEqual([true, true])
    await Promise.all(clients.map((client) => client.close()))
  })

  it.each(['the same', 'the other'])(
    'ends a socket whose handshake was under way when %s node ended its session',
    async (which) => {
      const session = { adapter: 'redis', url: redis.url, prefix: 'race:' }
      const [one, two] = [await liftNode({}, session), await liftNode({}, session)]
      const browser = await loggedIn(which === 'the same' ? two.url : one.url)
      const bystander = await tab(two.url, browser)
      const headers = { Cookie: browser.cookie() }
      const { sid } = await shake(two.url, 'polling', { headers })
      const told = heard(bystander, 'session:ended')

      await browser.post('/logout')
      await told
      const poll = `${two.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`
      await fetch(poll, { method: 'POST', headers, body: '40' })
      const packets = await (await fetch(poll, { headers })).text()

      expect(packets).toContain('42["session:ended",{"reason":"destroyed","reconnect":false}]')
    },
  )
})

describeOwnRedis('sockets.adapter: redis', () => {
  it('does not keep an app from lifting while it is away, and works when it comes', async () => {
    const redis = await startRedis({ own: true })
    await redis.stop()
    const session = { adapter: 'redis', url: redis.url }
    const [one, two] = [await liftNode({}, session), await liftNode({}, session)]

    await redis.start()
    await expect
      .poll(async () => (await fetch(`${one.url}/login`, { method: 'POST' })).status, {
        timeout: 5000,
      })
      .toBe(200)
    await expect
      .poll(async () => (await fetch(`${two.url}/login`, { method: 'POST' })).status, {
        timeout: 5000,
      })
      .toBe(200)
    const browser = await loggedIn(one.url)
    const news = heard(await tab(two.url, browser), 'session:ended')
    // The bus comes back by itself, as the store does, but not in the same moment.
    await new Promise((resolve) => setTimeout(resolve, 1500))
    await browser.post('/logout')

    expect(await news).toEqual({ reason: 'destroyed', reconnect: false })
    await Promise.all([one.app.lower(), two.app.lower()])
    await redis.close()
  })

  it('asks after an outage which sessions have ended meanwhile, and survives broadcasts into it', async () => {
    const redis = await startRedis({ own: true })
    const app = await liftNode({}, { adapter: 'redis', url: redis.url })
    const lines = listenToLog(app)
    const browser = await loggedIn(app.url)
    const socket = await tab(app.url, browser)
    const told = heard(socket, 'session:ended')

    await redis.stop()
    const { statusCode } = await send(socket, 'post', '/tell')
    // All it held is lost with it.
    await redis.start()
    const ending = await told

    expect(statusCode).toBe(503)
    expect(ending).toEqual({ reason: 'expired', reconnect: true })
    expect(lines.join('\n')).toMatch(
      /carries nothing between nodes now[\s\S]*carries messages between nodes again/,
    )
    await app.app.lower()
    await redis.close()
  })

  it('goes over TLS where the sessions do', async () => {
    const pem = (name: string) => join(import.meta.dirname, `../fixtures/tls/${name}.pem`)
    const files = ['--tls-cert-file', pem('cert'), '--tls-key-file', pem('key')]
    const args = [...files, '--tls-auth-clients', 'no']
    const redis = await startRedis({ own: true, tls: true, args })
    const tls = { ca: await readFile(pem('cert')) }
    const session = { adapter: 'redis', url: redis.url, tls }
    const [one, two] = [await liftNode({}, session), await liftNode({}, session)]
    const browser = await loggedIn(one.url)
    const there = await tab(two.url, browser)
    const told = heard(there, 'session:ended')
    const before = await send(there, 'get', '/me')

    await browser.post('/logout')

    expect(redis.url).toMatch(/^rediss:/)
    expect(before.body).toEqual({ userId: 'ada' })
    expect(await told).toEqual({ reason: 'destroyed', reconnect: false })
    await Promise.all([one.app.lower(), two.app.lower()])
    await redis.close()
  })

  it('goes through a cluster by any one of its nodes', async () => {
    const cluster = await startCluster(3)
    const [first = '', ...others] = cluster.urls
    const prefix = 'bus:'
    const [one, two] = [
      await liftNode({}, { adapter: 'redis', cluster: [first, ...others], prefix }),
      await liftNode({}, { adapter: 'redis', cluster: [...others, first], prefix }),
    ]
    const browser = await loggedIn(one.url)
    const told = heard(await tab(two.url, browser), 'session:ended')

    await browser.post('/logout')

    expect(await told).toEqual({ reason: 'destroyed', reconnect: false })
    await Promise.all([one.app.lower(), two.app.lower()])
    await cluster.close()
  })
})
