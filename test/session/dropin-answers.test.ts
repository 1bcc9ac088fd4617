/** How the drop-in's answers wait for the session, and what they are when it could not be stored. */
import { once } from 'node:events'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { session } from '../../src/session/dropin.ts'
import { type Act, count, startDropIn } from './dropin-ground.ts'
import { createOtherStore, slowStore } from './stores/connect-store.ts'

const broken = (verb: 'get' | 'set' | 'destroy' | 'touch', fields: object = {}) => ({
  ...createOtherStore(Date.now),
  [verb]: (...given: unknown[]) =>
    (given.at(-1) as (error: Error) => void)(Object.assign(new Error('boom'), fields)),
})

describe('an answer of the drop-in', () => {
  it.each<[string, Act]>([
    ['end(chunk)', (_req, res) => res.end('x')],
    ['end(chunk) of a known length', (_req, res) => res.setHeader('Content-Length', 1).end('x')],
    ['a redirect', (_req, res) => res.writeHead(302, { Location: '/next' }).end('moved')],
    [
      'a stream',
      (_req, res) => {
        res.write('x')
        setTimeout(() => res.end('y'), 5)
      },
    ],
    [
      'server-sent events',
      (_req, res) => {
        res.writeHead(200, { 'Content-Type': 'text/event-stream' })
        res.flushHeaders()
        res.write('data: 1\n\n')
        setTimeout(() => res.end(), 5)
      },
    ],
  ])('P3: has stored the session before its first byte: %s', async (_, answer) => {
    const store = slowStore()
    const { open } = await startDropIn(
      (req, res, next) => {
        req.session['userId'] = 'ada'
        answer(req, res, next)
      },
      { store },
    )
    const wire = open()

    wire.send('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    await vi.waitFor(() => expect(store.calls()).toEqual(['set']))
    expect(wire.text()).toBe('')

    expect(await wire.all()).toMatch(/^HTTP\/1\.1 (200|302) .*connect\.sid=/s)
  })

  it('P3: calls back, with or without chunk and encoding', async () => {
    const called: string[] = []
    const { browser } = await startDropIn((req, res) => {
      req.session.views = 1
      if (req.url === '/1') res.end(() => called.push('end(cb)'))
      else if (req.url === '/2') res.end('x', () => called.push('end(chunk, cb)'))
      else res.end('78', 'hex', () => called.push('end(chunk, encoding, cb)'))
    })

    const bodies = [await browser()('/1'), await browser()('/2'), await browser()('/3')]

    expect(bodies.map(({ body }) => body)).toEqual(['', 'x', 'x'])
    await vi.waitFor(() =>
      expect(called).toEqual(['end(cb)', 'end(chunk, cb)', 'end(chunk, encoding, cb)']),
    )
  })

  it('P3: over HTTP/2 is held, stored and sent with its cookie', async () => {
    const { connect, createServer } = await import('node:http2')
    const open = session({ secret: 'cat', resave: false, saveUninitialized: false })
    const server = createServer((req, res) =>
      open(req as never, res as never, () => count(req as never, res as never, () => {})),
    ).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = connect(`http://127.0.0.1:${(server.address() as { port: number }).port}`)
    onTestFinished(() => {
      client.close()
      server.close()
    })
    const ask = async (headers: object) => {
      const stream = client.request({ ':path': '/', ...headers })
      const [answer] = await once(stream, 'response')
      let body = ''
      for await (const part of stream.setEncoding('utf8')) body += part
      return { body, cookie: String(answer['set-cookie'] ?? '').split(';')[0] }
    }

    const first = await ask({})
    const second = await ask({ cookie: first.cookie })

    expect([first.body, second.body]).toEqual(['1', '2'])
  })

  it.each<[string, 'set' | 'destroy', Act]>([
    ['a save', 'set', count],
    ['a destroy', 'destroy', (req, res) => req.session.destroy(() => res.end('out'))],
  ])('P3: is 503 when %s failed, and the error goes on', async (_, verb, act) => {
    const { browser, errors } = await startDropIn(act, { store: broken(verb) })

    const { status, lines, headers } = await browser()()

    expect([status, lines, headers.get('retry-after')]).toEqual([503, [], '2'])
    expect(errors).toEqual([new Error('boom')])
  })

  it.each([
    [{}, 503, '2'],
    [{ status: 404 }, 503, null],
  ])(
    'P12: is 503 with Retry-After when the session could not be read, unless the store says otherwise: %j',
    async (fields, status, after) => {
      const store = broken('get', fields)
      const { browser, errors } = await startDropIn(count, { store })
      const ask = browser()
      await ask()

      const { headers } = await ask()

      expect(errors).toMatchObject([{ statusCode: status }])
      expect(headers.get('retry-after')).toBe(after)
    },
  )

  it('keeps its 200 when only a touch failed, and the error goes on', async () => {
    const { browser, errors } = await startDropIn(
      (req, res) => {
        req.session['seen'] = true
        res.end('ok')
      },
      { store: broken('touch') },
    )
    const ask = browser()
    await ask()

    const { status, body } = await ask()

    expect([status, body]).toEqual([200, 'ok'])
    await vi.waitFor(() => expect(errors).toEqual([new Error('boom')]))
  })

  it('P12: is 503 when a store says nothing, and a load error keeps its own status', async () => {
    const silent = { ...createOtherStore(Date.now), get() {} }
    const { browser } = await startDropIn(count, { store: silent, storeTimeout: 0.05 })
    const ask = browser()
    await ask()
    expect((await ask()).status).toBe(503)

    const get = (_: string, done: (error: Error) => void) =>
      done(Object.assign(new Error('no'), { status: 418 }))
    const other = await startDropIn(count, { store: { ...createOtherStore(Date.now), get } })
    const askOther = other.browser()
    await askOther()
    expect((await askOther()).status).toBe(418)
    expect(other.errors).toMatchObject([{ status: 418, statusCode: 503 }])
  })

  it.each<[string, unknown, number | undefined]>([
    ['an error', new Error('boom'), 503],
    ['an error with a status', Object.assign(new Error('boom'), { status: 507 }), 507],
    ['a frozen error', Object.freeze(new Error('boom')), undefined],
    ['an object', { reason: 'boom' }, 503],
    ['a text', 'boom', undefined],
  ])('P12: tells the error handlers what to answer by %s', async (_, said, status) => {
    const fails = (...given: unknown[]) => (given.at(-1) as (error: unknown) => void)(said)
    const keys = Object.keys(Object(said))
    const one = await startDropIn(count, { store: { ...createOtherStore(Date.now), set: fails } })
    const other = createOtherStore(Date.now)
    const two = await startDropIn(count, { store: other })
    const ask = two.browser()
    await ask()
    other.get = fails

    const answers = [await one.browser()(), await ask()]

    expect(answers.map((answer) => answer.status)).toEqual([status ?? 500, status ?? 500])
    expect([one.errors, two.errors]).toEqual([[said], [said]])
    expect(Object.keys(Object(said))).toEqual(keys)
    if (status === 503) expect(said).toMatchObject({ status, statusCode: 503 })
  })
})
