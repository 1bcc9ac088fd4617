import type { Socket } from 'socket.io-client'
import { describe, expect, it } from 'vitest'
import { type Files, liftFiles } from '../support/lift-files.ts'
import { connect } from './client.ts'
import { listenToLog } from './log.ts'

/** Each event is one call of sails.sockets; `me` in its arguments is the request. */
const files: Files = {
  'config/globals.mjs': `export default { sails: true }`,
  'config/routes.mjs': `export default {
    'POST /call/:name': (req) => {
      const { args } = req.body
      const mine = { req, socket: req.socket, id: req.socket.id, list: [req, req.socket.id] }
      const given = args.map((arg) => typeof arg === 'string' && arg.startsWith('my ') ? mine[arg.slice(3)] : arg)
      return sails.sockets[req.param('name')](...given) ?? null
    },
    'POST /callback': (req) => new Promise((resolve) => {
      sails.sockets.join(req, 'room', (error) => resolve({ error: error ?? null }))
    }),
    'GET /': () => 'here',
  }`,
}

async function three() {
  const app = await liftFiles(files)
  const lines = listenToLog(app)
  const sockets = await Promise.all([connect(app.url), connect(app.url), connect(app.url)])
  const got: unknown[] = []
  sockets.forEach((socket, index) => {
    socket.onAny((event, data) => got.push([index, event, data]))
  })
  const [a, b, c] = sockets as [Socket, Socket, Socket]

  async function call(socket: Socket, name: string, ...args: unknown[]): Promise<unknown> {
    const { statusCode, body } = await socket.emitWithAck('post', {
      url: `/call/${name}`,
      data: { args },
    })
    if (statusCode !== 200) throw new Error(body)
    // What was sent to the others has arrived when they have answered.
    for (const other of sockets) await other.emitWithAck('get', { url: '/' })
    return body
  }
  return { app, a, b, c, call, got, lines }
}

describe('sails.sockets.join', () => {
  it.each(['my req', 'my socket', 'my id', 'my list'])('takes %s', async (member) => {
    const { a, b, call, got } = await three()

    await call(a, 'join', member, 'room')
    await call(b, 'broadcast', 'room', 'news', { hot: true })

    expect(got).toEqual([[0, 'news', { hot: true }]])
  })

  it('calls back', async () => {
    const { a } = await three()

    expect((await a.emitWithAck('post', { url: '/callback' })).body).toEqual({ error: null })
  })

  it('warns of an HTTP request, and joins nobody', async () => {
    const { app, a, call, got, lines } = await three()

    const { status } = await app.browser().post('/callback')
    await call(a, 'broadcast', 'room', 'news', 1)

    expect(status).toBe(200)
    expect(got).toEqual([])
    expect(lines.join('')).toContain('only a socket can be in a room')
  })
})

describe('sails.sockets.leave', () => {
  it.each(['my req', 'my socket', 'my id', 'my list'])('takes %s', async (member) => {
    const { a, b, call, got } = await three()
    await call(a, 'join', 'my req', 'room')

    await call(a, 'leave', member, 'room')
    await call(b, 'broadcast', 'room', 'news', 1)

    expect(got).toEqual([])
  })
})

describe('sails.sockets.leaveAll', () => {
  it('takes all who are in the room out of all their rooms, but not the others', async () => {
    const { a, b, c, call, got } = await three()
    for (const room of ['room', 'other']) {
      await call(a, 'join', 'my req', room)
      await call(b, 'join', 'my req', room)
    }
    await call(c, 'join', 'my req', 'other')

    await call(c, 'leaveAll', 'room')
    for (const room of ['room', 'other', a.id]) await call(c, 'broadcast', room, 'news', room)

    expect(got).toEqual([
      [2, 'news', 'other'],
      [0, 'news', a.id],
    ])
  })
})

describe('sails.sockets.broadcast', () => {
  it('sends a message where no event is named', async () => {
    const { a, b, call, got } = await three()
    await call(a, 'join', 'my req', 'room')

    await call(b, 'broadcast', 'room', { plain: true })

    expect(got).toEqual([[0, 'message', { plain: true }]])
  })

  it('sends an event without data where only a text is given', async () => {
    const { a, b, call, got } = await three()
    await call(a, 'join', 'my req', 'room')

    await call(b, 'broadcast', 'room', 'words')

    expect(got).toEqual([[0, 'words', null]])
  })

  it('sends once to a socket that is in several of the rooms', async () => {
    const { a, b, c, call, got } = await three()
    await call(a, 'join', 'my req', 'one')
    await call(a, 'join', 'my req', 'two')
    await call(b, 'join', 'my req', 'two')

    await call(c, 'broadcast', ['one', 'two'], 'news', 1)

    expect(got.sort()).toEqual([
      [0, 'news', 1],
      [1, 'news', 1],
    ])
  })

  it('reaches a socket by its id', async () => {
    const { a, b, call, got } = await three()

    await call(a, 'broadcast', b.id, 'news', 1)

    expect(got).toEqual([[1, 'news', 1]])
  })

  it.each(['my req', 'my socket', 'my id'])('omits %s', async (omit) => {
    const { a, b, call, got } = await three()
    await call(a, 'join', 'my req', 'room')
    await call(b, 'join', 'my req', 'room')

    await call(a, 'broadcast', 'room', 'news', 1, omit)
    await call(a, 'broadcast', 'room', { plain: true }, omit)

    expect(got).toEqual([
      [1, 'news', 1],
      [1, 'message', { plain: true }],
    ])
  })

  it.each(['my req', 'my socket'])('omits %s beside a text without event', async (omit) => {
    const { a, b, call, got } = await three()
    await call(a, 'join', 'my req', 'room')
    await call(b, 'join', 'my req', 'room')

    await call(a, 'broadcast', 'room', 'words', omit)

    expect(got).toEqual([[1, 'message', 'words']])
  })

  it('reaches nobody by an empty list of rooms', async () => {
    const { a, call, got } = await three()

    await call(a, 'broadcast', [], 'news', 1)

    expect(got).toEqual([])
  })
})

describe('sails.sockets.blast', () => {
  it('reaches every socket but the omitted', async () => {
    const { a, call, got } = await three()

    await call(a, 'blast', 'news', 1)
    await call(a, 'blast', { plain: true }, 'my req')

    expect(got.sort()).toEqual([
      [0, 'news', 1],
      [1, 'message', { plain: true }],
      [1, 'news', 1],
      [2, 'message', { plain: true }],
      [2, 'news', 1],
    ])
  })
})

describe('sails.sockets.getId', () => {
  it.each(['my req', 'my socket', 'my id'])('takes %s', async (member) => {
    const { a, call } = await three()

    expect(await call(a, 'getId', member)).toBe(a.id)
  })
})
