import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'redis'
import type { Socket } from 'socket.io-client'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import type { TestApp } from '../../src/testing/app.ts'
import { createBrowser } from '../../src/testing/browser.ts'
import { run } from '../cli/run.ts'
import { connect, heard } from '../sockets/client.ts'
import { appFolder, strongSecret } from '../support/app-folder.ts'
import { liftChild } from '../support/child-app.ts'
import { describeRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { liftNode, loggedIn, routes, send, tab } from './pair.ts'

describeRedis('W5: the end of a session, on two nodes with one redis', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.close())

  const node = (session: object = {}) =>
    liftNode({}, { adapter: 'redis', url: redis.url, prefix: `${Math.random()}:`, ...session })
  const pair = async (session: object = {}): Promise<[TestApp, TestApp]> => {
    const prefix = `${Math.random()}:`
    return [await node({ prefix, ...session }), await node({ prefix, ...session })]
  }

  /** What a socket is told of the end, and how its next event is answered. */
  async function toldAndRefused(socket: Socket) {
    const ending = await heard(socket, 'session:ended')
    return [ending, (await send(socket, 'get', '/me')).statusCode]
  }

  it.each([
    ['/logout', { reason: 'destroyed', reconnect: false }],
    ['/regenerate', { reason: 'regenerated', reconnect: true }],
    ['/rotate', { reason: 'rotated', reconnect: true }],
  ])('POST %s on one ends the sockets of the other', async (path, expected) => {
    const [one, two] = await pair()
    const browser = await loggedIn(one.url)
    const there = await tab(two.url, browser)
    const told = heard(there, 'session:ended')
    const gone = heard(there, 'disconnect')

    await browser.post(path)
    const ending = await told
    const since = performance.now()
    const { statusCode } = await send(there, 'get', '/me')
    const reason = await gone

    expect(ending).toEqual(expected)
    expect(statusCode).toBe(401)
    expect(reason).toBe('io server disconnect')
    expect(performance.now() - since).toBeLessThan(2000)
  })

  it('a login that gives the session a new id on one asks the sockets of the other to come back', async () => {
    const [one, two] = await pair({ user: 'userId' })
    const browser = createBrowser(one.url)
    await browser.post('/counter')
    const there = await tab(two.url, browser)
    const told = heard(there, 'session:ended')

    await browser.post('/login')

    expect(await told).toEqual({ reason: 'rotated', reconnect: true })
    expect((await send(there, 'get', '/me')).statusCode).toBe(401)
  })

  it('by idleness is announced on both and told on both, not before HTTP on one has stopped', async () => {
    const [one, two] = await pair({ ttl: 3 })
    const browser = await loggedIn(one.url)
    const [here, there] = [await tab(one.url, browser), await tab(two.url, browser)]
    const announced = Promise.all([here, there].map((each) => heard(each, 'session:expiring')))
    const toldHere = heard(here, 'session:ended')
    let ended = false
    const told = heard(there, 'session:ended').finally(() => {
      ended = true
    })

    for (let tick = 0; tick < 12; tick += 1) {
      await sleep(300)
      await browser.get('/me')
    }
    const early = ended
    const news = await announced
    const isAnnouncedFirst = !ended
    const endings = await Promise.all([told, toldHere])

    expect(early).toBe(false)
    expect(news).toEqual(Array(2).fill({ in: expect.toBeOneOf([1, 2]) }))
    expect(isAnnouncedFirst).toBe(true)
    expect(endings).toEqual(Array(2).fill({ reason: 'expired', reconnect: true }))
    expect((await send(there, 'get', '/me')).statusCode).toBe(401)
  })

  it('at its absolute end is told where its socket is, however busy the other is', async () => {
    const [one, two] = await pair({ absolute: 2 })
    const browser = await loggedIn(one.url)
    const there = await tab(two.url, browser)
    const seen: unknown[] = []
    let going = true
    const told = heard(there, 'session:ended').finally(() => {
      going = false
    })

    while (going) {
      seen.push((await browser.get('/me')).body)
      await sleep(100)
    }
    const ending = await told

    expect(seen[0]).toEqual({ userId: 'ada' })
    expect(ending).toEqual({ reason: 'expired', reconnect: true })
    expect((await send(there, 'get', '/me')).statusCode).toBe(401)
    expect((await browser.get('/me')).body).toEqual({ userId: null })
  })

  it('takes nothing of the store, nor its notifications, while nobody does anything', async () => {
    const prefix = `${Math.random()}:`
    const raw = await createClient({ url: redis.url }).connect()
    const watcher = await createClient({ url: redis.url }).connect()
    onTestFinished(() => [raw, watcher].forEach((client) => void client.destroy()))
    const lines: string[] = []
    await watcher.monitor((line) => lines.push(String(line)))
    const [one, two] = await pair({ prefix, ttl: 3600 })
    const browser = await loggedIn(one.url)
    const tabs = [await tab(one.url, browser), await tab(two.url, browser)]
    const before = lines.length

    await send(tabs[0] as Socket, 'get', '/me')
    const asked = () => lines.slice(before).filter((line) => line.includes(prefix))
    await expect.poll(asked).toHaveLength(1)
    await sleep(2000)

    expect(asked()).toHaveLength(1)
    const heardOf = lines.flatMap((line) => /"p?subscribe" "([\w.-]+)/i.exec(line)?.[1] ?? [])
    expect([...new Set(heardOf)].sort()).toEqual([
      'socket.io',
      'socket.io-request',
      'socket.io-response',
    ])
    expect(await raw.configGet('notify-keyspace-events')).toEqual({ 'notify-keyspace-events': '' })
  })

  it('by `catamaran sessions clear` is told on all nodes, whose newcomers stay', async () => {
    const prefix = `${Math.random()}:`
    const [one, two] = [await node({ prefix }), await node({ prefix })]
    const browser = await loggedIn(one.url)
    const sockets = [await tab(one.url, browser), await tab(two.url, browser)]
    const newcomer = await connect(two.url)
    const told = Promise.all(sockets.map(toldAndRefused))
    const place = { adapter: 'redis', url: redis.url, prefix, secret: strongSecret }
    const words = Object.entries(place).map(([key, value]) => `--session.${key}=${value}`)

    const cwd = await appFolder({ 'config/session.js': 'export const session = {}' })
    const ran = await run(['sessions', 'clear', '--yes', ...words], { cwd })

    expect(ran).toEqual({ code: 0, out: '1 ended.\n', err: '' })
    const revoked = { reason: 'revoked', reconnect: false }
    expect(await told).toEqual(Array(2).fill([revoked, 401]))
    expect((await send(newcomer, 'get', '/me')).statusCode).toBe(200)
  })

  it('a logout over a socket of one ends the sockets of the other, and spares its own', async () => {
    const [one, two] = await pair()
    const browser = await loggedIn(one.url)
    const own = await tab(one.url, browser)
    const there = await tab(two.url, browser)
    const stranger = await tab(two.url, await loggedIn(two.url))
    const told = heard(there, 'session:ended')

    await send(own, 'post', '/logout')

    expect(await told).toEqual({ reason: 'destroyed', reconnect: false })
    expect((await send(own, 'get', '/me')).body).toEqual({ userId: null })
    expect((await send(stranger, 'get', '/me')).body).toEqual({ userId: 'ada' })
  })

  it.each([
    ['/logout', { reason: 'destroyed', reconnect: false }],
    ['/regenerate', { reason: 'regenerated', reconnect: true }],
  ])(
    'POST %s over a socket whose client fetches cookies is told on the other at once',
    async (url, expected) => {
      const [one, two] = await pair()
      const browser = await loggedIn(one.url)
      const extraHeaders = { Cookie: browser.cookie() }
      const own = await connect(one.url, { extraHeaders, query: { catamaran: 1 } })
      const there = await tab(two.url, browser)
      const told = heard(there, 'session:ended')

      await send(own, 'post', url)

      expect(await told).toEqual(expected)
      expect((await send(there, 'get', '/me')).statusCode).toBe(401)
      expect((await send(own, 'get', '/me')).body).toEqual({ userId: null })
    },
  )

  it('takes them out of their rooms before anything else is sent there', async () => {
    const [one, two] = await pair()
    const browser = await loggedIn(one.url)
    const there = await tab(two.url, browser)
    const teller = await tab(one.url, await loggedIn(one.url))
    const news: unknown[] = []
    there.on('news', (text) => news.push(text))
    await send(there, 'post', '/join')
    await send(teller, 'post', '/tell')
    await expect.poll(() => news).toEqual(['hot'])
    const told = heard(there, 'session:ended')

    await browser.post('/logout')
    await send(teller, 'post', '/tell')
    await told
    await send(there, 'get', '/me')

    expect(news).toEqual(['hot'])
  })

  it('P2: by replacement: an HTTP login on one asks a newcomer’s socket on the other to come back', async () => {
    const [one, two] = await pair()
    const there = await connect(two.url, { withCredentials: true })
    const [[name, { value }] = ['', { value: '' }]] = there.io.engine._cookieJar?.cookies ?? []
    const told = heard(there, 'session:ended')

    await fetch(`${one.url}/login`, { method: 'POST', headers: { Cookie: `${name}=${value}` } })

    expect(await told).toEqual({ reason: 'replaced', reconnect: true })
    expect((await send(there, 'get', '/me')).statusCode).toBe(401)
  })

  it('W3: an HTTP login on one reaches a socket of the other whose own event had ended its session', async () => {
    const [one, two] = await pair()
    const browser = await loggedIn(one.url)
    const there = await tab(two.url, browser)
    await send(there, 'post', '/logout')
    const told = heard(there, 'session:ended')

    await fetch(`${one.url}/login`, { method: 'POST', headers: { Cookie: browser.cookie() } })

    expect(await told).toEqual({ reason: 'replaced', reconnect: true })
  })

  it('works with hashed ids', async () => {
    const [one, two] = await pair({ hashIds: true, encrypt: true })
    const browser = await loggedIn(one.url)
    const there = await tab(two.url, browser)
    const told = heard(there, 'session:ended')

    await browser.post('/logout')

    expect(await told).toEqual({ reason: 'destroyed', reconnect: false })
  })

  it('reaches a node in another process, and comes from there', async () => {
    const prefix = `${Math.random()}:`
    const here = await node({ prefix })
    const session = { adapter: 'redis', url: redis.url, prefix }
    const child = await liftChild({ routes, session })
    const [first, second] = [await loggedIn(here.url), await loggedIn(child.url)]
    const there = await tab(child.url, first)
    const back = await tab(here.url, second)
    const told = [heard(there, 'session:ended'), heard(back, 'session:ended')]

    await first.post('/logout')
    await second.post('/logout')

    expect(await Promise.all(told)).toEqual([
      { reason: 'destroyed', reconnect: false },
      { reason: 'destroyed', reconnect: false },
    ])
    await child.stop()
  })

  it('leaves the sockets of other nodes alone when one is lowered', async () => {
    const [one, two] = await pair()
    const browser = await loggedIn(one.url)
    const there = await tab(two.url, browser)

    await one.app.lower()
    const { statusCode } = await send(there, 'get', '/me')

    expect(statusCode).toBe(200)
    expect(there.connected).toBe(true)
  })
})
