import { describe, expect, it } from 'vitest'
import type { TestApp } from '../../src/testing/app.ts'
import type { Browser } from '../../src/testing/browser.ts'
import { type Files, liftFiles } from '../support/lift-files.ts'
import { answering, answers } from './answering.ts'
import { connect } from './client.ts'
import { listenToLog } from './log.ts'
import { connectSails } from './sails-client.ts'

type Wire = { [key: string]: unknown; body?: unknown }

async function ask(path: string, overrides: { environment?: string } = {}): Promise<Wire> {
  const app = await liftFiles(answering, overrides)
  const socket = await connect(app.url)
  return socket.timeout(3000).emitWithAck('get', { url: path })
}

describe('an acknowledgement', () => {
  it.each(['websocket', 'polling'])('has the shape Sails gives it, over %s', async (transport) => {
    const app = await liftFiles(answering)
    const socket = await connect(app.url, { transports: [transport] })

    for (const [path, expected] of Object.entries(answers)) {
      const ack = await socket.timeout(3000).emitWithAck('get', { url: path })
      expect({ path, ...ack }).toMatchObject({ path, ...expected })
      expect('body' in ack).toBe('body' in expected)
      expect(Object.keys(ack).sort()).toEqual(Object.keys({ headers: {}, ...expected }).sort())
    }
  })

  it('comes once, whatever the action does after its answer', async () => {
    const app = await liftFiles(answering)
    const socket = await connect(app.url)
    const acks: unknown[] = []

    socket.emit('get', { url: '/twice' }, (ack: unknown) => acks.push(ack))
    await socket.emitWithAck('get', { url: '/later' })

    expect(acks).toHaveLength(1)
  })

  it('tells the callback of res.end', async () => {
    const app = await liftFiles(answering)
    const socket = await connect(app.url)

    const { body } = await socket.emitWithAck('get', { url: '/ended-callback' })
    const seen = await socket.emitWithAck('get', { url: '/ended-callback-seen' })

    expect(body).toBe('done')
    expect(seen.body).toEqual({ seen: true })
  })

  it('survives a listener of finish that throws', async () => {
    const app = await liftFiles(answering)
    const lines = listenToLog(app)
    const socket = await connect(app.url)

    const { body } = await socket.emitWithAck('get', { url: '/finish' })
    const next = await socket.emitWithAck('get', { url: '/json' })

    expect(body).toEqual({ sent: false })
    expect(next.statusCode).toBe(200)
    expect(lines.join('')).toContain('in finish')
  })
})

describe('a failed event', () => {
  it.each(['/throw', '/reject', '/next'])('%s shows its stack in development', async (path) => {
    const { statusCode, body } = await ask(path)

    expect(statusCode).toBe(500)
    expect(body).toMatch(/^Error: secret words\n +at /)
  })

  it.each([
    '/throw',
    '/reject',
    '/next',
    '/throw-text',

    '/file',
    '/circle',
    '/bigint',
    '/render',
  ])('%s says no more than it must in production', async (path) => {
    const ack = await ask(path, { environment: 'production' })

    expect(ack).toEqual({ statusCode: 500, headers: {}, body: 'Internal Server Error' })
  })

  it('keeps status and words of an error that is meant for the client', async () => {
    expect(await ask('/teapot')).toMatchObject({
      statusCode: 418,
      body: { message: 'short and stout' },
    })
  })

  it.each([
    ['/file', 'res.sendFile'],
    ['/download', 'res.download'],
  ])('%s says that files need HTTP', async (path, name) => {
    const { statusCode, body } = await ask(path)

    expect(statusCode).toBe(500)
    expect(body).toContain(`${name} needs HTTP`)
  })

  it('drops the answer when the session cannot be kept', async () => {
    const { statusCode, body } = await ask('/too-large')

    expect(statusCode).toBe(500)
    expect(body).toContain('at most 65536')
  })

  it.each(['/circle', '/bigint', '/read', '/render'])(
    '%s leaves the process alive',
    async (path) => {
      const app = await liftFiles(answering)
      const socket = await connect(app.url)

      const { statusCode } = await socket.timeout(3000).emitWithAck('get', { url: path })
      const next = await socket.emitWithAck('get', { url: '/json' })

      expect([statusCode, next.statusCode]).toEqual([500, 200])
    },
  )

  it('is logged', async () => {
    const app = await liftFiles(answering)
    const lines = listenToLog(app)
    const socket = await connect(app.url)

    await socket.emitWithAck('get', { url: '/throw' })

    expect(lines.filter((line) => line.includes('secret words'))).toHaveLength(1)
  })
})

describe('res.cookie over a socket', () => {
  it('does nothing and warns once', async () => {
    const app = await liftFiles(answering)
    const lines = listenToLog(app)
    const socket = await connect(app.url)

    const acks = [
      await socket.emitWithAck('get', { url: '/cookie' }),
      await socket.emitWithAck('get', { url: '/cookie' }),
    ]

    expect(acks.map(({ headers }) => headers)).toEqual([{}, {}])
    expect(lines.filter((line) => line.includes('res.cookie'))).toHaveLength(1)
    expect(lines.join('')).not.toContain('private')
  })
})

describe('a message that asks for no answer', () => {
  const noting: Files = {
    'config/routes.mjs': `
      const note = (req) => { req.session.note = req.body.note; return { noted: true } }
      export default {
        'POST /note': note,
        'ON note': note,
        'POST /throw': () => { throw new Error('nobody hears of it') },
        'ON throw': () => { throw new Error('nobody hears of it') },
        'GET /note': (req) => ({ note: req.session.note ?? null }),
      }`,
  }
  type Send = (what: string) => void

  /** Each sends without a callback. */
  const senders: Record<string, (app: TestApp, browser: Browser) => Promise<Send>> = {
    async 'a virtual request'({ url }, browser) {
      const socket = await connect(url, { extraHeaders: { Cookie: browser.cookie() } })
      return (what) => socket.emit('post', { url: `/${what}`, data: { note: 'here' } })
    },
    async 'one of sails.io.js'({ url }, browser) {
      const initialConnectionHeaders = { Cookie: browser.cookie() }
      const socket = await connectSails(url, { initialConnectionHeaders })
      return (what) => socket.request({ method: 'post', url: `/${what}`, data: { note: 'here' } })
    },
    async 'an event of the app’s own'({ url }, browser) {
      const socket = await connect(url, { extraHeaders: { Cookie: browser.cookie() } })
      return (what) => socket.emit(what, { note: 'here' })
    },
  }

  it.each(Object.entries(senders))('is served and committed: %s', async (_, open) => {
    const app = await liftFiles(noting)
    const lines = listenToLog(app)
    const browser = app.browser()
    await browser.post('/note', { note: 'there' })
    const send = await open(app, browser)

    send('throw')
    send('note')
    await expect.poll(async () => (await browser.get('/note')).body).toEqual({ note: 'here' })
    const lowering = performance.now()
    await app.app.lower()

    // Ten seconds, if one were still waited for.
    expect(performance.now() - lowering).toBeLessThan(5000)
    expect(lines).toEqual([expect.stringContaining('nobody hears of it')])
  })
})
