import { describe, expect, it, vi } from 'vitest'
import { shortHash } from '../src/session/published.ts'
import { liftFiles } from './support/lift-files.ts'

const routes = {
  'GET /user/:id': (req: { session: { n?: number }; sessionID: string }) => {
    req.session.n = 1
    return req.sessionID
  },
  'ON said': (req: { sessionID: string }) => req.sessionID,
  'ON refused': () => Promise.reject(Object.assign(new Error('no'), { status: 418 })),
  'GET /slow': () => work(),
  'ON slow': () => work(),
  'GET /broken': () => Promise.reject(Object.assign(new Error('no'), { status: 418 })),
}

const atLeast = 3

/** Keeps the thread for some milliseconds. */
function work(): string {
  const end = performance.now() + atLeast
  while (performance.now() < end);
  return 'done'
}

/** Lifts an app that logs, and collects the fields of its lines. */
async function lift(log: object) {
  const app = await liftFiles({}, { routes, log })
  const lines: object[] = []
  for (const level of ['debug', 'info'] as const) {
    vi.spyOn(app.app.log, level).mockImplementation((fields, words) => {
      lines.push({ ...(fields as object), level, words })
    })
  }
  return { visitor: app.browser(), lines }
}

describe('the log of requests', () => {
  it('has a line per request and event, without query and without ids that open a session', async () => {
    const { visitor, lines } = await lift({ level: 'silent', requests: 'silent' })
    expect(lines).toEqual([])
    const on = await lift({ level: 'info', requests: 'info' })

    const { body: id, headers } = await on.visitor.get('/user/5?token=hidden')
    await on.visitor.emit('GET /user/6?token=hidden')
    await on.visitor.get('/broken')
    await visitor.get('/user/5')

    await vi.waitFor(() => expect(on.lines).toHaveLength(3))
    expect(on.lines[0]).toEqual({
      level: 'info',
      id: headers.get('x-request-id'),
      door: 'http',
      method: 'GET',
      path: '/user/5',
      status: 200,
      milliseconds: expect.any(Number),
      session: shortHash(String(id)),
      words: expect.stringMatching(/^GET \/user\/5 200 [\d.]+ ms$/),
    })
    const session = shortHash(String(id))
    expect(on.lines[1]).toMatchObject({ door: 'socket', path: '/user/6', status: 200, session })
    expect(on.lines[1]).toHaveProperty('id', expect.stringMatching(/^[\w-]{36}$/))
    expect(on.lines[2]).toMatchObject({ door: 'http', path: '/broken', status: 418 })
    const text = JSON.stringify(on.lines)
    expect(text).not.toContain('hidden')
    expect(text).not.toContain(String(id))
    expect(lines).toEqual([])
  })

  it('has one line per event that a route serves, with its status, duration and session', async () => {
    const { visitor, lines } = await lift({ level: 'info', requests: 'info' })
    const { body: id } = await visitor.get('/user/5')
    await vi.waitFor(() => expect(lines).toHaveLength(1))
    const socket = await visitor.socket()

    const heard = await socket.emitWithAck('said', 'hidden')
    await socket.emitWithAck('refused')
    await socket.emitWithAck('said')

    expect(heard).toBe(id)
    const event = { level: 'info', id: expect.stringMatching(/^[\w-]{36}$/), door: 'socket' }
    const rest = { method: 'ON', milliseconds: expect.any(Number), session: shortHash(String(id)) }
    const said = {
      ...{ ...event, ...rest, path: '/said', status: 200 },
      words: expect.stringMatching(/^ON \/said 200 [\d.]+ ms$/),
    }
    expect(lines.slice(1)).toEqual([
      said,
      expect.objectContaining({ ...event, ...rest, path: '/refused', status: 418 }),
      said,
    ])
    expect(JSON.stringify(lines)).not.toContain('hidden')
  })

  it.each([
    ['a request', 'GET /slow', ''],
    ['a request over a socket', 'GET /slow', 'get'],
    ['an event', 'ON slow', 'slow'],
  ])('tells how long %s took, in milliseconds', async (_, name, event) => {
    const { visitor, lines } = await lift({ level: 'info', requests: 'info' })
    const socket = await visitor.socket()
    const begun = performance.now()

    if (event) await socket.emitWithAck(event, { url: '/slow' })
    else await visitor.get('/slow')
    await vi.waitFor(() => expect(lines).toHaveLength(1))

    const atMost = performance.now() - begun
    const { milliseconds, words } = lines[0] as { milliseconds: number; words: string }
    expect(milliseconds).toBeGreaterThanOrEqual(atLeast)
    expect(milliseconds).toBeLessThanOrEqual(atMost + 0.05)
    expect(words).toBe(`${name.replace(' slow', ' /slow')} 200 ${milliseconds} ms`)
  })

  it('has a line of what a socket sends that is no request, and of events without a route', async () => {
    const { visitor, lines } = await lift({ level: 'info', requests: 'info' })
    const socket = await visitor.socket()

    await socket.emitWithAck('get', 7)
    socket.emit('post', { url: '' })
    await socket.emitWithAck('no such\nevent', 1)
    await socket.emitWithAck(`long${'g'.repeat(1000)}`)

    expect(lines).toMatchObject([
      { door: 'socket', method: 'GET', status: 400, words: 'GET - 400' },
      { door: 'socket', method: 'POST', status: 400, words: 'POST - 400' },
      { door: 'socket', method: 'ON', path: '/no%20such%0Aevent', status: 404 },
      { door: 'socket', method: 'ON', path: `/long${'g'.repeat(95)}…`, status: 404 },
    ])
    expect(lines[2]).toMatchObject({ words: 'ON /no%20such%0Aevent 404' })
  })

  it('is shown from the level debug on, and can be off', async () => {
    const debug = await lift({ level: 'debug' })
    const info = await lift({ level: 'info' })
    const off = await lift({ level: 'trace', requests: false })

    for (const { visitor } of [debug, info, off]) await visitor.get('/user/1')

    await vi.waitFor(() => expect(debug.lines).toHaveLength(1))
    expect([info.lines, off.lines]).toEqual([[], []])
  })
})
