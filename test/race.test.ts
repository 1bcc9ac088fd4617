import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Browser } from '../src/testing/browser.ts'
import { type Files, liftFiles } from './support/lift-files.ts'
import { describeRedis, startRedis } from './support/redis.ts'

const files: Files = {
  'config/routes.mjs': `export default {
    'POST /login': (req) => { req.session.userId = 'ada'; return {} },
    'POST /logout': async (req) => { await req.session.destroy(); return {} },
    'GET /all': (req) => ({ ...req.session, cookie: undefined }),
    'POST /slow': async (req) => {
      await new Promise((done) => setTimeout(done, Number(req.param('wait'))))
      req.session[req.param('key')] = true
      return {}
    },
    'POST /up': async (req) => {
      await req.session.update((data) => { data.views = (data.views ?? 0) + 1 })
      return {}
    },
  }`,
}

type Door = 'http' | 'socket'
const doors: Door[] = ['http', 'socket']

async function send(browser: Browser, door: Door, path: string): Promise<number> {
  if (door === 'http') return (await browser.post(path, {})).status
  return (await browser.emit(`POST ${path}`, {})).statusCode
}

async function contents(browser: Browser): Promise<object> {
  return (await browser.get('/all')).body as object
}

function races(session: () => Promise<object>): void {
  async function loggedIn(): Promise<Browser> {
    const app = await liftFiles(files, { session: await session() })
    const browser = app.browser()
    await browser.post('/login', {})
    await browser.socket()
    return browser
  }

  it('P4: keeps what 20 parallel requests set, half over HTTP and half over the socket', async () => {
    const browser = await loggedIn()
    const keys = Array.from({ length: 20 }, (_, index) => `key${index}`)

    const statuses = await Promise.all(
      keys.map((key, index) => {
        return send(browser, index % 2 ? 'http' : 'socket', `/slow?wait=20&key=${key}`)
      }),
    )

    const kept = await contents(browser)
    expect(statuses).toEqual(keys.map(() => 200))
    expect(Object.keys(kept).sort()).toEqual(['userId', ...keys].sort())
  })

  it('P6: counts 100 parallel increments, half over HTTP and half over the socket', async () => {
    const browser = await loggedIn()

    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        send(browser, index % 2 ? 'http' : 'socket', '/up'),
      ),
    )

    expect(await contents(browser)).toMatchObject({ views: 100 })
  })

  const orders = doors.flatMap((slow) => doors.map((logout) => [slow, logout] as const))

  it.each(orders)(
    'P5: stays logged out beside a slow %s request, by logout over %s',
    async (slow, logout) => {
      const browser = await loggedIn()
      const cookie = browser.cookie()

      const writing = send(browser, slow, '/slow?wait=60&key=late')
      await sleep(20)
      const status = await send(browser, logout, '/logout')
      await writing.catch(() => {})

      const replayed = await browser.get('/all', { Cookie: cookie })
      expect(status).toBe(200)
      expect(replayed.body).toEqual({})
    },
  )

  it('P16: closes the socket a logout leaves open', async () => {
    const browser = await loggedIn()
    const socket = await browser.socket()
    const ended = new Promise((resolve) => socket.once('session:ended', resolve))
    const closed = new Promise((resolve) => socket.once('disconnect', resolve))

    await browser.post('/logout', {})

    expect(await ended).toEqual({ reason: 'destroyed', reconnect: false })
    expect(await closed).toBe('io server disconnect')
  })
}

describe('races on memory', () => {
  races(async () => ({ adapter: 'memory' }))
})

describeRedis('races on redis', () => {
  races(async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.close())
    return { adapter: 'redis', port: redis.port }
  })
})
