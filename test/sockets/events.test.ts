import type { Request, Response } from 'express'
import { describe, expect, it } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'
import { connect } from './client.ts'

type Routes = Record<string, unknown>

/** Lifts an app with these routes beside a login, and connects one socket. */
async function lift(routes: Routes, overrides: object = {}) {
  const login = (req: Request) => {
    Reflect.set(req.session, 'userId', req.body.user)
    return {}
  }
  const app = await liftFiles(
    { 'api/policies/is-logged-in.mjs': isLoggedIn, 'api/controllers/chat/say.mjs': say },
    {
      policies: { 'chat/*': 'is-logged-in' },
      routes: { 'POST /login': login, 'ON chat:message': 'chat/say', ...routes },
      ...overrides,
    },
  )
  const socket = await connect(app.url)
  const logIn = () => socket.emitWithAck('post', { url: '/login', data: { user: 'ada' } })
  return { app, socket, logIn }
}

const isLoggedIn =
  'export default (req, res, next) => req.session.userId ? next() : res.forbidden()'
const say = `export default (req) => {
  req.session.said = (req.session.said ?? 0) + 1
  return { from: req.session.userId, said: req.session.said, words: req.body }
}`

describe('W9: an event with a route', () => {
  it('is acknowledged with what its action returns, and shares the session', async () => {
    const { socket, logIn } = await lift({})
    await logIn()

    const first = await socket.emitWithAck('chat:message', 'ahoy')
    const second = await socket.emitWithAck('chat:message', { text: 'ahoy' })

    expect(first).toEqual({ from: 'ada', said: 1, words: 'ahoy' })
    expect(second).toEqual({ from: 'ada', said: 2, words: { text: 'ahoy' } })
  })

  it.each([
    ['a timer', () => setTimeout(() => {}, 1)],
    ['a function', () => () => {}],
  ])('is over, too, when its action has returned %s', async (_, action) => {
    const { socket } = await lift({ 'ON returned': action })

    await expect(socket.timeout(30_000).emitWithAck('returned')).resolves.not.toThrow()
  })

  it('passes the policies of its action first', async () => {
    const { socket } = await lift({})

    const ack = await socket.emitWithAck('chat:message', 'ahoy')

    expect(ack).toEqual({ error: { status: 403, code: 'E_FORBIDDEN', message: 'Forbidden' } })
  })

  it.each([
    ['nothing', [], undefined],
    ['one value', [7], 7],
    ['a list', [[1, 2]], [1, 2]],
    ['several values', [1, 'two', { three: 3 }], [1, 'two', { three: 3 }]],
  ])('has %s as its body', async (_, given, body) => {
    const { socket } = await lift({ 'ON echo': (req: Request) => ({ body: req.body }) })

    expect(await socket.emitWithAck('echo', ...given)).toEqual(body === undefined ? {} : { body })
  })

  it.each([
    ['a BigInt', () => 10n],
    [
      'a cycle',
      () => {
        const ring: { on?: object } = {}
        ring.on = ring
        return ring
      },
    ],
  ])('is acknowledged with an error where its action has returned %s', async (_, action) => {
    const { socket } = await lift({ 'ON odd': action })

    expect(await socket.emitWithAck('odd')).toEqual({
      error: { status: 500, code: 'E_SERVER', message: 'Internal Server Error' },
    })
  })

  it('takes and gives binary values', async () => {
    const bytes = (req: Request) => ({ size: req.body.length, back: req.body })
    const { socket } = await lift({ 'ON bytes': bytes })

    const { size, back } = await socket.emitWithAck('bytes', Buffer.from([1, 2, 3]))

    expect([size, [...back]]).toEqual([3, [1, 2, 3]])
  })

  it('is acknowledged with bytes as bytes', async () => {
    const { socket } = await lift({ 'ON bytes': () => Buffer.from('hi') })

    expect(await socket.emitWithAck('bytes')).toEqual(Buffer.from('hi'))
  })

  it.each<[string, (req: Request, res: Response) => unknown, unknown]>([
    ['text', () => 'aye', 'aye'],
    ['null', () => null, null],
    ['false', () => false, false],
    ['a list', async () => [1], [1]],
    ['res.json', (_req, res) => res.json({ a: 1 }), { a: 1 }],
    [
      'an error',
      () => {
        throw Object.assign(new Error('short and stout'), { status: 418, expose: true })
      },
      { error: { status: 418, code: 'E_BAD_REQUEST', message: 'short and stout' } },
    ],
    [
      'a refusal with data',
      (_req, res) => res.badRequest({ field: 'name' }),
      {
        error: {
          status: 400,
          code: 'E_BAD_REQUEST',
          message: 'Bad Request',
          data: { field: 'name' },
        },
      },
    ],
  ])('is acknowledged with %s', async (_, action, expected) => {
    const { socket } = await lift({ 'ON event': action })

    expect(await socket.emitWithAck('event')).toEqual(expected)
  })

  it('is over when its action returns nothing, so that its changes are kept', async () => {
    const { socket, app } = await lift({
      'ON note': async (req: Request) => {
        Reflect.set(req.session, 'note', req.body)
      },
      'GET /note': (req: Request) => ({ note: Reflect.get(req.session, 'note') }),
    })

    socket.emit('note', 'no ack asked for')
    const ack = await socket.emitWithAck('note', 'kept')
    const { body } = await socket.emitWithAck('get', { url: '/note' })

    // Undefined travels as null.
    expect(ack).toBeNull()
    expect(body).toEqual({ note: 'kept' })
    expect(app.app.router.routes.map(({ verb, path }) => [verb, path])).toContainEqual([
      'ON',
      'note',
    ])
  })

  it('tells no stack in production', async () => {
    const fail = () => {
      throw new Error('secret words')
    }
    const { socket } = await lift({ 'ON fail': fail }, { environment: 'production' })

    expect(await socket.emitWithAck('fail')).toEqual({
      error: { status: 500, code: 'E_SERVER', message: 'Internal Server Error' },
    })
  })

  it('is met by its exact name alone, and by no route of HTTP', async () => {
    const { socket } = await lift({ 'ON Odd name/?#%': () => 'met', 'all /*': () => 'http' })
    const unknown = { statusCode: 404, headers: {}, body: 'Not Found' }

    expect(await socket.emitWithAck('Odd name/?#%')).toBe('met')
    for (const name of ['odd name/?#%', 'other', '/', '\ud800', '__proto__']) {
      expect(await socket.emitWithAck(name)).toEqual(unknown)
    }
    expect((await socket.emitWithAck('get', { url: '/Odd name/?#%' })).body).toBe('http')
  })

  it.each(['get', 'connect', 'disconnect'])('can not be called %s', async (name) => {
    await expect(lift({ [`ON ${name}`]: () => 1 })).rejects.toMatchObject({ code: 'E_APP_FILES' })
  })

  it('is refused when the session of its socket has ended', async () => {
    const { app, logIn, socket } = await lift({
      'POST /end': (req: Request) => req.session.destroy().then(() => ({})),
    })
    const browser = app.browser()
    await browser.post('/login', { user: 'ada' })
    const other = await connect(app.url, { extraHeaders: { Cookie: browser.cookie() } })
    await logIn()

    const told = new Promise((resolve) => other.once('session:ended', resolve))
    await browser.post('/end')
    await told
    const ack = await other.emitWithAck('chat:message', 'ahoy')

    expect(ack.error.code).toBe('E_SESSION_ENDED')
    expect(await socket.emitWithAck('chat:message', 'ahoy')).toMatchObject({ from: 'ada' })
  })
})
