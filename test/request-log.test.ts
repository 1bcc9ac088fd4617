import { describe, expect, it, vi } from 'vitest'
import { shortHash } from '../src/session/published.ts'
import { liftFiles } from './support/lift-files.ts'

const routes = {
  'GET /user/:id': (req: { session: { n?: number }; sessionID: string }) => {
    req.session.n = 1
    return req.sessionID
  },
  'GET /broken': () => Promise.reject(Object.assign(new Error('no'), { status: 418 })),
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
