import type { Request } from 'express'
import { describe, expect, it } from 'vitest'
import { testApp } from '../../src/testing/app.ts'
import { appFolder, strongSecret } from '../support/app-folder.ts'
import { connect } from './client.ts'

/** A session of 100 s, on a clock that is moved. */
async function lift() {
  let now = Date.now()
  const clock = () => now
  const root = await appFolder({})
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
  const session = { secret: strongSecret, ttl: 100 }
  const app = await testApp(root, { routes, session }, { environment: {}, clock })
  const browser = app.browser()
  await browser.post('/login')
  const socket = await connect(app.url, { extraHeaders: { Cookie: browser.cookie() } })
  const pass = (seconds: number) => {
    now += seconds * 1000
  }
  return { app, browser, socket, pass }
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
    try {
      world.pass(60)
      await act(world)
      world.pass(60)

      const { body } = await world.browser.get('/me')

      expect(body).toEqual({ userId: renews ? 'ada' : null })
    } finally {
      await world.app.close()
    }
  })
})
