import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type Files, liftFiles } from '../support/lift-files.ts'
import { connect, heard } from './client.ts'

const files: Files = {
  'config/routes.mjs': `export default {
    'POST /login': (req) => { req.session.userId = 'ada'; return {} },
    'GET /me': (req) => ({ userId: req.session.userId ?? null }),
  }`,
}

async function loggedIn(ttl: number, session = {}) {
  const app = await liftFiles(files, { session: { ttl, ...session } })
  const browser = app.browser()
  await browser.post('/login')
  const socket = await connect(app.url, { extraHeaders: { Cookie: browser.cookie() } })
  return { browser, socket }
}

describe('W5: expiry without traffic', () => {
  it('ends the socket', async () => {
    const { socket } = await loggedIn(2)
    const started = performance.now()

    const ending = await heard(socket, 'session:ended')
    const ms = performance.now() - started
    const reason = await heard(socket, 'disconnect')

    expect(ending).toEqual({ reason: 'expired', reconnect: true })
    expect(ms).toBeGreaterThan(1500)
    expect(ms).toBeLessThan(4500)
    expect(reason).toBe('io server disconnect')
  })

  it('ends no socket whose session HTTP keeps alive, until HTTP stops', async () => {
    const { browser, socket } = await loggedIn(2)
    let ended = false
    socket.on('session:ended', () => {
      ended = true
    })

    for (let tick = 0; tick < 7; tick += 1) {
      await sleep(500)
      await browser.get('/me')
    }

    const aliveTillNow = !ended
    await Promise.race([heard(socket, 'session:ended'), sleep(4500)])

    expect(aliveTillNow).toBe(true)
    expect(ended).toBe(true)
  })

  it('P9: ends the socket at the absolute end, whatever keeps its session alive', async () => {
    const started = performance.now()
    const { browser, socket } = await loggedIn(60, { absolute: 3 })
    const ended = heard(socket, 'session:ended').then((ending) => ({
      ending,
      ms: performance.now() - started,
    }))
    const seen: unknown[] = []
    for (let tick = 0; tick < 8; tick += 1) {
      const { body } = await browser.get('/me')
      seen.push((body as { userId: unknown }).userId)
      if (tick < 4) await socket.emitWithAck('get', { url: '/me' })
      await sleep(500)
    }

    const { ending, ms } = await ended
    expect(ending).toEqual({ reason: 'expired', reconnect: true })
    expect(ms).toBeGreaterThan(2900)
    expect(ms).toBeLessThan(4500)
    expect([seen.at(0), seen.at(-1)]).toEqual(['ada', null])
  })

  it('W12: says beforehand when it will end, and not where an event has moved the end', async () => {
    const { browser, socket } = await loggedIn(4)
    const told: unknown[] = []
    socket.on('session:expiring', (news) => told.push(news))

    await sleep(1200)
    await browser.get('/me')
    await sleep(1200)
    const early = [...told]
    await heard(socket, 'session:ended')

    expect(early).toEqual([])
    expect(told).toEqual([{ in: 2 }])
  })

  it('ends no newcomer', async () => {
    const app = await liftFiles(files, { session: { ttl: 1 } })
    const socket = await connect(app.url)

    await sleep(2500)

    expect((await socket.emitWithAck('get', { url: '/me' })).statusCode).toBe(200)
  })
})
