import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type TestNodes, testNodes } from '../../src/testing/nodes.ts'
import { appFolder, type Files, strongSecret } from '../support/app-folder.ts'

const rooms = JSON.stringify(new URL('../../src/sockets/rooms.ts', import.meta.url).href)
const files: Files = {
  'config/routes.mjs': `
    import { roomsOf } from ${rooms}
    export default {
      'POST /login': (req) => { req.session.userId = 'ada'; return {} },
      'POST /logout': async (req) => { await req.session.destroy(); return {} },
      'GET /me': (req) => ({ userId: req.session.userId ?? null }),
      'POST /join': (req) => { roomsOf(req).join(req, 'room'); return {} },
      'POST /tell': (req) => { roomsOf(req).broadcast('room', 'news', 'hot'); return {} },
      'GET /count': async (req) => {
        const sockets = await req.app[Symbol.for('catamaran.io')].fetchSockets()
        return { sockets: sockets.length }
      },
    }`,
}

/** Two nodes, and somebody who is logged in by the first and has a socket at both. */
async function pair(overrides: { readonly session?: object; readonly sockets?: object } = {}) {
  const root = await appFolder(files)
  const session = { secret: strongSecret, ...overrides.session }
  const nodes = await testNodes(root, { ...overrides, session }, { environment: {} })
  onTestFinished(() => nodes.close())
  const here = nodes.one.browser()
  const there = here.at(nodes.two)
  await here.post('/login')
  await Promise.all([here.emit('GET /me'), there.emit('GET /me')])
  return { ...nodes, root, here, there }
}

const ways = [
  ['memory', {}],
  ['memory, hashed and encrypted', { hashIds: true, encrypt: true }],
] as const

describe.each(ways)('two nodes in one process, with sessions in %s', (_, session) => {
  it('serve one session over both doors', async () => {
    const { there } = await pair({ session })

    const seen = [await there.get('/me'), await there.emit('GET /me')]

    expect(seen.map(({ body }) => body)).toEqual(Array(2).fill({ userId: 'ada' }))
  })

  it('tell each other that a session has ended', async () => {
    const { here, there } = await pair({ session })
    const told = there.next('session:ended')

    await here.post('/logout')

    expect(await told).toEqual({ reason: 'destroyed', reconnect: false })
    expect((await there.get('/me')).body).toEqual({ userId: null })
  })

  it('live by one clock', async () => {
    const { clock, one, two, here, there } = await pair({ session: { ...session, ttl: 3600 } })
    const told = Promise.all([here, there].map((browser) => browser.next('session:ended')))

    await clock.advance(3600)

    expect(await told).toEqual(Array(2).fill({ reason: 'expired', reconnect: true }))
    expect([one.clock, two.clock]).toEqual([clock, clock])
  })
})

describe('two nodes in one process', () => {
  it('reach each other’s rooms and sockets, until one goes; the sessions stay', async () => {
    const { two, here, there } = await pair()
    const news = there.next('news')
    await there.emit('POST /join')

    await here.emit('POST /tell')
    const both = await here.get('/count')
    await two.close()
    const alone = await here.get('/count')

    expect(await news).toBe('hot')
    expect([both.body, alone.body]).toEqual([{ sockets: 2 }, { sockets: 1 }])
    expect((await here.get('/me')).body).toEqual({ userId: 'ada' })
  })

  it('are connected as the app says, where it says so', async () => {
    const { here, there } = await pair({ sockets: { adapter: 'memory' } })

    const told = there.next('session:ended')
    await here.post('/logout')
    await there.emit('GET /me').catch(() => 'disconnected')

    // Not why: nobody has told it, it found out by itself.
    expect(await told).toEqual({ reason: 'expired', reconnect: true })
  })

  it('share the file of sqlite, and the clock it goes by', async () => {
    const file = join(await appFolder({}), 'sessions.db')
    const { one, clock, there } = await pair({ session: { adapter: 'sqlite', file, ttl: 60 } })
    const before = await there.get('/me')

    await clock.advance(60)
    const after = await there.get('/me')

    expect(one.adapter).toBe('sqlite')
    expect([before.body, after.body]).toEqual([{ userId: 'ada' }, { userId: null }])
  })

  it('close together at the end of a block', async () => {
    const root = await appFolder(files)
    let urls: string[] = []
    {
      await using nodes: TestNodes = await testNodes(root)
      urls = [nodes.one.url, nodes.two.url]
    }

    for (const url of urls) await expect(fetch(url)).rejects.toThrow()
  })

  it('leave nothing open when the second cannot be lifted', async () => {
    const root = await appFolder(files)
    const { one, close } = await testNodes(root)
    const { port } = one
    await close()

    const lifting = testNodes(root, { port })

    await expect(lifting).rejects.toMatchObject({ code: 'E_PORT_IN_USE' })
    await expect(fetch(one.url)).rejects.toThrow()
  })
})
