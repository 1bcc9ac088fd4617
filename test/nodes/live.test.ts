/** The live session, on two nodes. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { TestApp } from '../../src/testing/app.ts'
import { heard } from '../sockets/client.ts'
import { shake } from '../sockets/raw.ts'
import { listener } from '../sockets/told.ts'
import { type Files, liftFiles } from '../support/lift-files.ts'
import { describeOwnRedis, describeRedis, startRedis, type TestRedis } from '../support/redis.ts'

const files: Files = {
  'config/routes.mjs': `export default {
    'GET /me': () => ({}),
    'POST /login': (req) => { req.session.userId = 'ada'; return {} },
    'POST /theme': (req) => { req.session.theme = req.body.theme; return {} },
    'POST /note': (req) => { req.session.note = req.body.note; return {} },
  }`,
}

type Pair = [TestApp, TestApp]

async function pairOf(session: object, sockets: object = {}): Promise<Pair> {
  const given = { session: { public: ['userId', 'theme'], ...session }, sockets }
  return [await liftFiles(files, given), await liftFiles(files, given)]
}

async function loggedIn(app: TestApp) {
  const browser = app.browser()
  await browser.post('/login')
  return browser
}

describeRedis('W7: the live session, on two nodes with one redis', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.close())

  const pair = (session: object = {}) =>
    pairOf({ adapter: 'redis', url: redis.url, prefix: `${Math.random()}:`, ...session })

  it('tells on both what was changed on one, over HTTP or by an event', async () => {
    const [one, two] = await pair()
    const browser = await loggedIn(one)
    const here = await listener(one.url, browser)
    const there = await listener(two.url, browser)

    await browser.post('/theme', { theme: 'dark' })
    await expect.poll(() => there.shown()).toEqual({ userId: 'ada', theme: 'dark' })
    await there.send('post', '/theme', { theme: 'light' })

    expect(there.shown()).toEqual({ userId: 'ada', theme: 'light' })
    await expect.poll(() => here.shown()).toEqual({ userId: 'ada', theme: 'light' })
    expect(here.told).toHaveLength(3)
    expect(there.told).toHaveLength(3)
  })

  it('ends on both with what is stored, however many change it at once', async () => {
    const [one, two] = await pair()
    const browser = await loggedIn(one)
    const tabs = [await listener(one.url, browser), await listener(two.url, browser)]
    const themes = Array.from({ length: 20 }, (_, number) => `theme ${number}`)

    await Promise.all(themes.map((theme, at) => tabs[at % 2]?.send('post', '/theme', { theme })))

    const { shown: stored } = await listener(two.url, browser)
    await expect.poll(() => stored()['theme']).toMatch(/theme/)
    for (const { shown } of tabs) await expect.poll(() => shown()).toEqual(stored())
  })

  it('sends neither values nor ids between nodes, and nothing when other fields change', async () => {
    const [one, two] = await pair()
    const browser = await loggedIn(one)
    const there = await listener(two.url, browser)
    const bus = createClient({ url: redis.url })
    await bus.connect()
    onTestFinished(() => bus.destroy())
    const carried: string[] = []
    await bus.pSubscribe('*', (message) => carried.push(message.toString('latin1')), true)

    await browser.post('/note', { note: 'of no interest' })
    await browser.post('/theme', { theme: 'ultramarine' })
    await expect.poll(() => there.shown()).toMatchObject({ theme: 'ultramarine' })

    const changes = carried.filter((text) => text.includes('catamaran:session-changed'))
    expect(changes).toHaveLength(1)
    const id = decodeURIComponent(browser.cookie()).match(/s:([^.]+)/)?.[1] ?? 'no id'
    for (const text of carried) expect(text).not.toMatch(/ultramarine|ada|interest/)
    for (const text of carried) expect(text.includes(id)).toBe(false)
  })

  it.each(['the same', 'the other'])(
    'tells a socket whose handshake was under way when %s node changed its session',
    async (which) => {
      const [one, two] = await pair()
      const browser = await loggedIn(which === 'the same' ? two : one)
      const bystander = await listener(two.url, browser)
      const headers = { Cookie: browser.cookie() }
      const { sid } = await shake(two.url, 'polling', { headers })

      await browser.post('/theme', { theme: 'dark' })
      await expect.poll(() => bystander.shown()).toMatchObject({ theme: 'dark' })
      bystander.socket.close()
      const poll = `${two.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`
      await fetch(poll, { method: 'POST', headers, body: '40' })
      const next = async () => (await fetch(poll, { headers })).text()
      let packets = await next()
      if (!packets.includes('dark')) packets += await next()

      expect(packets).toMatch(
        /42\["session:changed",{"userId":"ada","theme":null}\].*42\["session:changed",{"theme":"dark"}\]/s,
      )
    },
  )

  it('tells the sockets of the other node a login that gave the session another id', async () => {
    const [one, two] = await pair({ user: 'userId' })
    const browser = one.browser()
    await browser.post('/theme', { theme: 'dark' })
    const there = await listener(two.url, browser)
    const ended = heard(there.socket, 'session:ended')

    await browser.post('/login')
    const farewell = await ended
    const back = await listener(two.url, browser)

    expect(farewell).toMatchObject({ reconnect: true })
    await expect.poll(() => back.shown()).toEqual({ userId: 'ada', theme: 'dark' })
  })
})

describeOwnRedis('W7: nodes that do not hear of each other', () => {
  it('tell when they hear each other again what has changed meanwhile', async () => {
    const [store, bus] = [await startRedis(), await startRedis({ own: true })]
    const [one, two] = await pairOf(
      { adapter: 'redis', url: store.url, prefix: `${Math.random()}:` },
      { adapter: 'redis', url: bus.url },
    )
    const browser = await loggedIn(one)
    const there = await listener(two.url, browser)

    await bus.stop()
    await browser.post('/theme', { theme: 'dark' })
    await bus.start()

    await expect.poll(() => there.shown(), { timeout: 10_000 }).toMatchObject({ theme: 'dark' })
    await Promise.all([one.close(), two.close()])
    await Promise.all([store.close(), bus.close()])
  })
})

describe('W7: two processes on one file', () => {
  it('show at the next event of a socket what the other has changed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'catamaran-live-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const [one, two] = await pairOf({ adapter: 'sqlite', file: join(folder, 'sessions.db') })
    const browser = await loggedIn(one)
    const there = await listener(two.url, browser)

    await browser.post('/theme', { theme: 'dark' })
    await there.send('get', '/me')

    await expect.poll(() => there.shown()).toEqual({ userId: 'ada', theme: 'dark' })
  })
})
