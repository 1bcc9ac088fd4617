import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { testNodes } from '../../src/testing/nodes.ts'
import { appFolder, type Files, liftFiles, strongSecret } from '../support/lift-files.ts'
import { connect, heard } from './client.ts'

const files: Files = {
  'config/routes.mjs': `export default {
    'POST /login': (req) => { req.session.userId = 'ada'; return {} },
    'POST /logout': async (req) => { await req.session.destroy(); return {} },
    'GET /me': (req) => ({ userId: req.session.userId ?? null }),
  }`,
}

async function loggedIn(session: object, sockets: object = {}) {
  const app = await liftFiles(files, { session, sockets })
  const browser = app.browser()
  await browser.post('/login')
  const socket = await connect(app.url, { extraHeaders: { Cookie: browser.cookie() } })
  const told: unknown[] = []
  for (const event of ['session:ended', 'session:expiring']) {
    socket.on(event, (news) => told.push({ [event]: news }))
  }
  /** What the socket was told before an event of its own is answered; that event is a visit, too. */
  const news = async () => {
    await socket.timeout(5000).emitWithAck('get', { url: '/nowhere' })
    return told
  }
  const me = async () => (await browser.get('/me')).body
  return { clock: app.clock, browser, socket, news, me }
}

const ended = { 'session:ended': { reason: 'expired', reconnect: true } }

describe('W5: expiry without traffic', () => {
  it('ends the socket', async () => {
    const { clock, socket, news } = await loggedIn({ ttl: 2000 })
    const gone = heard(socket, 'disconnect')

    await clock.advance(2000)

    expect(await news()).toEqual([ended])
    expect(await gone).toBe('io server disconnect')
  })

  it('ends it by a timer, where nobody moves the clock that far', async () => {
    const { clock, socket } = await loggedIn({ ttl: 2000 })
    const told = heard(socket, 'session:ended')

    await clock.advance(1999)

    expect(await told).toEqual({ reason: 'expired', reconnect: true })
  })

  it('ends no socket whose session HTTP keeps alive, until HTTP stops', async () => {
    const { clock, news, me } = await loggedIn({ ttl: 2000 })

    for (let times = 0; times < 3; times += 1) {
      await clock.advance(1500)
      await me()
    }
    const alive = [...(await news())]
    await clock.advance(2000)

    expect(alive).toEqual([])
    expect(await news()).toEqual([ended])
  })

  it('P9: ends the socket at the absolute end, whatever keeps its session alive', async () => {
    const { clock, news, me } = await loggedIn({ ttl: 60, absolute: 100 })
    await clock.advance(50)
    const during = await me()
    await clock.advance(49)
    const late = await me()

    await clock.advance(1)

    expect([during, late, await me()]).toEqual([
      { userId: 'ada' },
      { userId: 'ada' },
      { userId: null },
    ])
    expect((await news()).at(-1)).toEqual(ended)
  })

  it('W12: says beforehand when it will end, and not where a request has moved the end', async () => {
    const { clock, news, me } = await loggedIn({ ttl: 200 })

    await clock.advance(130)
    await me()
    await clock.advance(130)
    const early = [...(await news())]
    await clock.advance(150)

    expect(early).toEqual([])
    expect(await news()).toEqual([{ 'session:expiring': { in: expect.closeTo(50, -1) } }])
  })

  it.each([
    [20, [{ 'session:expiring': { in: expect.closeTo(15, -1) } }]],
    [false, []],
  ])('W12: says so as early as the config has it: %s', async (expiring, expected) => {
    const { clock, news } = await loggedIn({ ttl: 200 }, { expiring })

    await clock.advance(150)
    await clock.advance(35)

    expect(await news()).toEqual(expected)
  })

  it('ends no newcomer', async () => {
    const { url, clock } = await liftFiles(files, { session: { ttl: 60 } })
    const socket = await connect(url)

    await clock.advance(120)

    expect((await socket.emitWithAck('get', { url: '/me' })).statusCode).toBe(200)
  })
})

/** Two nodes with one store that nothing else connects; who is logged in by the first has a socket at the second. */
async function apart(adapter: string) {
  const root = await appFolder(files)
  const store = adapter === 'memory' ? {} : { adapter, file: join(root, 'sessions.db') }
  const session = { secret: strongSecret, ttl: 100, ...store }
  const overrides = { session, sockets: { adapter: 'memory' } }
  const nodes = await testNodes(root, overrides, { environment: {} })
  onTestFinished(() => nodes.close())
  const here = nodes.one.browser()
  await here.post('/login')
  const socket = await connect(nodes.two.url, { extraHeaders: { Cookie: here.cookie() } })
  const endings: unknown[] = []
  socket.on('session:ended', (ending) => endings.push(ending))
  const me = () => socket.timeout(5000).emitWithAck('get', { url: '/me' })
  return { here, socket, endings, me, clock: nodes.clock }
}

describe.each(['memory', 'sqlite'])(
  'W11: on nodes that share %s and have no adapter',
  (adapter) => {
    const over = { reason: 'expired', reconnect: true }

    it('a logout on one is found out by the other at the next event, which is refused', async () => {
      const { here, endings, me } = await apart(adapter)
      await here.post('/logout')
      const before = [...endings]

      const { statusCode, body } = await me()

      expect(before).toEqual([])
      expect({ statusCode, body }).toMatchObject({
        statusCode: 401,
        body: { code: 'E_SESSION_ENDED' },
      })
      await expect.poll(() => endings).toEqual([over])
    })

    it('a logout on one is found out by the other without an event, when its time is over', async () => {
      const { here, socket, endings, clock } = await apart(adapter)
      const gone = heard(socket, 'disconnect')
      await here.post('/logout')

      await clock.advance(40)
      const before = [...endings]
      await clock.advance(60)

      expect(before).toEqual([])
      expect(await gone).toBe('io server disconnect')
      expect(endings).toEqual([over])
    })

    it('the end of an idle session is, but not before HTTP on the other has stopped', async () => {
      const { here, socket, endings, clock } = await apart(adapter)
      const gone = heard(socket, 'disconnect')

      for (let times = 0; times < 3; times += 1) {
        await clock.advance(80)
        await here.get('/me')
      }
      const before = [...endings]
      await clock.advance(100)
      await gone

      expect(before).toEqual([])
      expect(endings).toEqual([over])
    })
  },
)
