/** The guide "from express-session", tried: one small app before, with one line changed, and after. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { RedisStore } from 'connect-redis'
import expressSession from 'express-session'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testApp } from '../../src/testing/app.ts'
import { type Browser, createBrowser } from '../../src/testing/browser.ts'
import { describeRedis, startRedis } from '../support/redis.ts'
import { blocksOf } from './blocks.ts'

const fixture = 'test/fixtures/express-session-app'
const root = join(import.meta.dirname, '../..')
const secret = 'a secret that all three have in common'

interface Running {
  readonly url: string
  close(): Promise<unknown>
}

/** Serves `before` or `dropin`, which are plain Express apps. */
async function serve(folder: string, store: object): Promise<Running> {
  const { createApp } = await import(join(root, fixture, folder, 'app.js'))
  const { server, io } = createApp({ secret, store }) as { server: Server; io: Server }
  await once(server.listen(0), 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://localhost:${port}`, close: async () => void (await io.close()) }
}

const lift = (session: object): Promise<Running> =>
  testApp(join(root, fixture, 'after'), { session: { secret, ...session } })

/** What a socket of the browser gets for the event `count`. */
async function countOverSocket(browser: Browser): Promise<unknown> {
  const socket = await browser.socket()
  return socket.timeout(5_000).emitWithAck('count')
}

const login = (browser: Browser, password = 'lovelace') =>
  browser.post('/login', { user: 'ada', password })

/** What a visitor does, and what comes of it. */
const table: readonly [string, (browser: Browser) => Promise<unknown>, unknown][] = [
  ['who comes is nobody', (on) => on.get('/me'), { status: 200, body: { userId: null, count: 0 } }],
  ['nobody may count', (on) => on.post('/count'), { status: 401, body: { error: 'log in first' } }],
  ['nobody may count over a socket', countOverSocket, { error: expect.anything() }],
  [
    'a wrong password is refused',
    (on) => login(on, 'byron'),
    { status: 401, body: { error: 'wrong user or password' } },
  ],
  ['a login', async (on) => (await on.socket()).close() && login(on), { body: { userId: 'ada' } }],
  ['counts over HTTP', (on) => on.post('/count'), { status: 200, body: { count: 1 } }],
  ['counts over a socket', countOverSocket, { count: 2 }],
  ['HTTP knows of it', (on) => on.post('/count'), { status: 200, body: { count: 3 } }],
  ['and the socket of that', countOverSocket, { count: 4 }],
  ['is ada', (on) => on.get('/me'), { status: 200, body: { userId: 'ada', count: 4 } }],
  [
    'a logout, which closes the socket',
    async (on) => {
      const closed = once((await on.socket()) as never, 'disconnect')
      const answer = await on.post('/logout')
      await closed
      return answer
    },
    { status: 200, body: { userId: null } },
  ],
  ['is nobody again', (on) => on.get('/me'), { body: { userId: null, count: 0 } }],
  ['asks for what is not there', (on) => on.get('/nothing'), { status: 404 }],
]

const places = {
  async memory() {
    const store = new (expressSession as never as { MemoryStore: new () => object }).MemoryStore()
    return { store, session: { store }, close: async () => {} }
  },
  async redis() {
    const redis = await startRedis()
    const client = createClient({ url: redis.url })
    await client.connect()
    const close = async () => {
      await client.close()
      await redis.close()
    }
    return {
      store: new RedisStore({ client }),
      session: { adapter: 'redis', url: redis.url },
      close,
    }
  },
}

describe.each(['memory', 'redis'] as const)('an app of express-session, sessions in %s', (name) => {
  const describeHere = name === 'redis' ? describeRedis : describe

  describeHere('before, with one line changed, and after', () => {
    let closing: { close(): Promise<unknown> }[] = []
    let apps: Record<string, Running>

    beforeAll(async () => {
      const place = await places[name]()
      const before = await serve('before', place.store)
      const dropin = await serve('dropin', place.store)
      const after = await lift(place.session)
      apps = { before, dropin, after }
      closing = [before, dropin, after, place]
    })
    afterAll(async () => {
      for (const each of closing) await each.close()
    })

    it.each(['before', 'dropin', 'after'])('answers alike: %s', async (which) => {
      const browser = createBrowser(apps[which]?.url ?? '')

      for (const [what, act, expected] of table) {
        expect({ what, came: await act(browser) }).toMatchObject({ what, came: expected })
      }
    })

    it('keeps who is logged in, forth and back', async () => {
      const urls = Object.values(apps).map(({ url }) => url)
      for (const from of urls) {
        const browser = createBrowser(from)
        await login(browser)
        const headers = { cookie: browser.cookie() }
        for (const to of urls) await fetch(`${to}/count`, { method: 'POST', headers })
        for (const to of urls) {
          const { body } = await createBrowser(to).get('/me', headers)
          expect({ from, to, body }).toEqual({ from, to, body: { userId: 'ada', count: 3 } })
        }
        await browser.post('/logout')
        for (const to of urls) {
          const { body } = await createBrowser(to).get('/me', headers)
          expect(body).toMatchObject({ userId: null })
        }
      }
    })

    it('loses no count of many at once, afterwards', async () => {
      const browser = createBrowser(apps['after']?.url ?? '')
      await login(browser)
      await browser.socket()

      const counts = Array.from({ length: 10 }, () => [
        browser.post('/count'),
        countOverSocket(browser),
      ])
      await Promise.all(counts.flat())

      expect((await browser.get('/me')).body).toMatchObject({ count: 20 })
      browser.close()
    })
  })
})

describe('the guide from express-session', () => {
  it('changes one line of the app at first', async () => {
    const [before = '', dropin = ''] = await Promise.all(
      ['before', 'dropin'].map((name) => readFile(join(root, fixture, name, 'app.js'), 'utf8')),
    )

    // An import stands where its module's name puts it.
    const lines = [
      [before, "import session from 'express-session'\n"],
      [dropin, "import { session } from 'catamaran'\n"],
    ] as const
    const rests = lines.map(([app, line]) => app.split(line))
    expect(rests.map((parts) => parts.length)).toEqual([2, 2])
    expect(rests[1]?.join('')).toBe(rests[0]?.join(''))
  })

  it('shows the files that are tried here', async () => {
    const page = 'docs/from-express-session.md'
    const shown = blocksOf(page, await readFile(join(root, page), 'utf8')).flatMap((block) => {
      return block.file?.startsWith(fixture) ? [{ ...block, file: block.file }] : []
    })

    expect(shown.length).toBeGreaterThan(5)
    for (const { file, code } of shown) {
      expect({ file, code }).toEqual({ file, code: await readFile(join(root, file), 'utf8') })
    }
  })
})
