import type { Request } from 'express'
import type { Socket } from 'socket.io-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { testNodes } from '../../src/testing/nodes.ts'
import { appFolder, strongSecret } from '../support/app-folder.ts'
import { tab } from './pair.ts'

const routes = {
  'POST /login': (req: Request) => {
    Reflect.set(req.session, 'userId', 'ada')
    return {}
  },
  'GET /me': (req: Request) => ({ userId: Reflect.get(req.session, 'userId') ?? null }),
  // No visit: what a socket was told so far has arrived with its answer.
  'GET /ping': { fn: () => 'pong', session: false },
}

const expired = { 'session:ended': { reason: 'expired', reconnect: true } }
const expiring = (seconds: number) => ({
  'session:expiring': { in: expect.closeTo(seconds, -1) },
})

describe('W5: the end of a session by its time, on two nodes', () => {
  /** A browser that visits the one, with a socket on each. */
  async function visited(times: object) {
    const session = { secret: strongSecret, ...times }
    const nodes = await testNodes(await appFolder({}), { routes, session }, { environment: {} })
    onTestFinished(nodes.close)
    const { one, two, clock } = nodes
    const browser = one.browser()
    await browser.post('/login')
    const sockets = [await tab(one.url, browser), await tab(two.url, browser)]
    const told = sockets.map(listenTo)

    return {
      visit: async () => (await browser.get('/me')).body,
      /** What each socket has been told when this time has passed for both nodes. */
      async toldAfter(seconds: number) {
        await clock.advance(seconds)
        for (const socket of sockets)
          await socket.timeout(5000).emitWithAck('get', { url: '/ping' })
        return structuredClone(told)
      },
    }
  }

  it('moves for both by a visit on one, is announced on both, and ends on both', async () => {
    const { visit, toldAfter } = await visited({ ttl: 200 })
    const told: unknown[] = [await toldAfter(130)]
    await visit()
    told.push(await toldAfter(130))

    told.push(await toldAfter(40), await toldAfter(30))

    const announced = [expiring(30)]
    const both = (news: unknown[]) => [news, news]
    expect(told).toEqual([[], [], announced, [...announced, expired]].map(both))
    expect(await visit()).toEqual({ userId: null })
  })

  it('W12: is announced on both where it is absolute, however busy the one is', async () => {
    const { visit, toldAfter } = await visited({ ttl: 1000, absolute: 200 })

    const early = await toldAfter(100)
    const me = await visit()
    const late = await toldAfter(70)

    expect(early).toEqual([[], []])
    expect(me).toEqual({ userId: 'ada' })
    expect(late).toEqual([[expiring(30)], [expiring(30)]])
  })
})

function listenTo(socket: Socket): unknown[] {
  const told: unknown[] = []
  for (const event of ['session:ended', 'session:expiring']) {
    socket.on(event, (news) => told.push({ [event]: news }))
  }
  return told
}
