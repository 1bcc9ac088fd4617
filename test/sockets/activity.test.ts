import type { Request } from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { testNodes } from '../../src/testing/nodes.ts'
import { appFolder, strongSecret } from '../support/app-folder.ts'
import { liftFiles } from '../support/lift-files.ts'
import { connect, heard } from './client.ts'
import { connectSails } from './sails-client.ts'

/** A session of 100 s. */
async function lift(sockets: object = {}) {
  const read = (req: Request) => ({ userId: Reflect.get(req.session, 'userId') ?? null })
  const routes = {
    'POST /login': (req: Request) => {
      Reflect.set(req.session, 'userId', 'ada')
      return {}
    },
    'GET /me': read,
    'GET /poll': { fn: read, activity: false },
    'ON typing': { fn: read, activity: false },
    'ON say': read,
  }
  const {
    clock,
    browser: newBrowser,
    url,
  } = await liftFiles({}, { routes, session: { ttl: 100 }, sockets })
  const browser = newBrowser()
  await browser.post('/login')
  const socket = await connect(url, { extraHeaders: { Cookie: browser.cookie() } })
  return { browser, socket, clock, url }
}

type World = Awaited<ReturnType<typeof lift>>

describe('W12: what counts as activity', () => {
  it.each<[string, (world: World) => Promise<unknown>, boolean]>([
    ['a request', ({ browser }) => browser.get('/me'), true],
    ['an event', ({ socket }) => socket.emitWithAck('say'), true],
    ['a request with activity: false', ({ browser }) => browser.get('/poll'), false],
    ['the same over a socket', ({ socket }) => socket.emitWithAck('get', { url: '/poll' }), false],
    ['an event with activity: false', ({ socket }) => socket.emitWithAck('typing'), false],
  ])('%s renews the life: %s', async (_, act, renews) => {
    const world = await lift()

    await world.clock.advance(60)
    await act(world)
    await world.clock.advance(60)
    const { body } = await world.browser.get('/me')

    expect(body).toEqual({ userId: renews ? 'ada' : null })
  })

  it('is known where another node has renewed the life: what is no activity here moves no end', async () => {
    const routes = {
      'POST /login': (req: Request) => {
        Reflect.set(req.session, 'userId', 'ada')
        return {}
      },
      'GET /poll': { fn: () => ({}), activity: false },
    }
    const session = { ttl: 200, secret: strongSecret }
    const nodes = await testNodes(await appFolder({}), { routes, session }, { environment: {} })
    onTestFinished(() => nodes.close())
    const { one, two, clock } = nodes
    const here = one.browser()
    await here.post('/login')
    const there = here.at(two)
    await there.socket()
    const soon = there.next('session:expiring')
    const told = there.next('session:ended')

    await clock.advance(30)
    await clock.advance(120)
    await there.emit('GET /poll')
    const expiring = await soon
    await clock.advance(51)

    expect(expiring).toEqual({ in: 50 })
    expect(await told).toEqual({ reason: 'expired', reconnect: true })
  })
})

/** Clients that are pinged all the time, and how each is told so. */
const beating = {
  async 'Engine.IO 4'({ socket }: World) {
    return { told: heard(socket, 'session:ended'), beat: () => once(socket.io, 'ping') }
  },
  async 'Engine.IO 3'({ url, browser }: World) {
    const initialConnectionHeaders = { Cookie: browser.cookie() }
    const socket = await connectSails(url, { initialConnectionHeaders })
    const told = new Promise((resolve) => socket.on('session:ended', resolve))
    return { told, beat: () => once(socket._raw.io, 'pong') }
  },
}

describe('W12: heartbeats', () => {
  it.each(Object.entries(beating))(
    'of %s never prolong a life: a socket that only answers them is told its end',
    async (_, open) => {
      const world = await lift({ pingInterval: 20 })
      const { told, beat } = await open(world)

      for (let step = 0; step < 3; step += 1) {
        await world.clock.advance(30)
        for (let times = 0; times < 3; times += 1) await beat()
      }
      await world.clock.advance(10)

      expect(await told).toEqual({ reason: 'expired', reconnect: true })
      expect((await world.browser.get('/me')).body).toEqual({ userId: null })
    },
  )

  it('end nothing either: a socket that sends events between them lives on', async () => {
    const world = await lift({ pingInterval: 20 })
    const { beat } = await beating['Engine.IO 4'](world)
    const acks: unknown[] = []

    for (let step = 0; step < 8; step += 1) {
      await world.clock.advance(25)
      await beat()
      acks.push(await world.socket.emitWithAck('say'))
    }

    expect(acks).toEqual(Array(8).fill({ userId: 'ada' }))
  })
})

/** Any emitter of whichever client's age. */
function once(emitter: { once(event: string, heard: () => void): unknown }, event: string) {
  return new Promise<void>((resolve) => emitter.once(event, resolve))
}
