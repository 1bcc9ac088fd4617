/** What sockets leave behind in the process of their app: nothing, while it runs and when it is lowered. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../http/ask.ts'
import { type ChildApp, liftChild } from '../support/child-app.ts'
import { describeRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { connect, heard } from './client.ts'
import type { Tally } from './tally.ts'

const module = JSON.stringify(new URL('./tally.ts', import.meta.url).href)

/** The app counts from the moment its routes are loaded, and once more when it has been lowered. */
const routes = `await (async () => {
  const { startTally } = await import(${module})
  const tally = startTally()
  const begin = tally()
  let tries = 50
  process.on('beforeExit', function end() {
    tries -= 1
    if (tally().timers > begin.timers && tries > 0) {
      setTimeout(() => {}, 100)
      return
    }
    process.off('beforeExit', end)
    console.log('END', JSON.stringify([begin, tally()]))
  })
  return {
    'GET /tally': { fn: tally, session: false },
    'POST /login': (req) => { req.session.userId = 'ada'; return {} },
    'POST /logout': async (req) => { await req.session.destroy(); return {} },
    'GET /me': (req) => ({ userId: req.session.userId ?? null }),
  }
})()`

async function tallyOf({ url }: ChildApp): Promise<Tally> {
  return JSON.parse((await ask(url, '/tally', { agent: false })).body)
}

/** So many sockets come, do something, and go: by themselves or as their session ends, over every transport. */
async function wave({ url }: ChildApp, count: number): Promise<void> {
  const login = await ask(url, '/login', { method: 'POST', agent: false })
  const Cookie = login.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  const ways = [['websocket'], ['polling'], ['polling', 'websocket']]
  const sockets = await Promise.all(
    Array.from({ length: count }, (_, index) => {
      const transports = ways[index % ways.length] ?? []
      return connect(url, { transports, ...(index % 2 && { extraHeaders: { Cookie } }) })
    }),
  )
  await Promise.all(sockets.map((socket) => socket.emitWithAck('get', { url: '/me' })))
  sockets.forEach((socket, index) => {
    if (index % 4 === 0) socket.io.engine.close()
    if (index % 4 === 1) socket.close()
  })
  const gone = sockets.map((socket) => socket.connected && heard(socket, 'disconnect'))
  await ask(url, '/logout', { method: 'POST', headers: { Cookie }, agent: false })
  for (const [index, socket] of sockets.entries()) if (index % 4 === 2) socket.close()
  await Promise.all(gone)
}

/** What is more than it was. */
function excess(now: Tally, before: Tally): [string, number][] {
  return Object.entries(now).filter(([name, count]) => count > (before[name] ?? 0))
}

async function expectNothingLeft(session: object): Promise<void> {
  const app = await liftChild({ routes, session })
  await wave(app, 8)
  await expect.poll(() => tallyOf(app), { timeout: 10_000 }).toMatchObject({ sockets: 0 })
  const before = await tallyOf(app)

  await wave(app, 200)

  const left = async () => excess(await tallyOf(app), before)
  await expect.poll(left, { timeout: 10_000, interval: 100 }).toEqual([])
  const [, end = '[]'] = /^END (.*)$/m.exec(await app.stop()) ?? []
  const [begin, last] = JSON.parse(end)
  expect(excess(last, begin)).toEqual([])
}

describe('200 sockets that came and went', () => {
  it('leave nothing behind, while their app runs and when it is lowered', async () => {
    await expectNothingLeft({})
  })
})

describeRedis('200 sockets that came and went, of a node on redis', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.close())

  it('leave nothing behind, while it runs and when it is lowered', async () => {
    await expectNothingLeft({ adapter: 'redis', url: redis.url })
  })
})
