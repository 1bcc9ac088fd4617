import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { holdAnswer, isHeld } from '../../src/session/hold.ts'
import { createGate, messageOf, startHeld, startServer } from './wire.ts'

const plain = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
const last = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'

describe('an answer on hold', () => {
  it.each([
    ['end', (res: express.Response) => res.end('hello')],
    ['write', (res: express.Response) => res.write('hello') && setImmediate(() => res.end())],
    ['flushHeaders', (res: express.Response) => res.flushHeaders()],
    ['writeHead and end', (res: express.Response) => res.writeHead(201, { a: 'b' }).end('hello')],
  ])('P3: lets no byte of %s out before the commit', async (_, act) => {
    const gate = createGate()
    const held = await startHeld((_req, res) => act(res as express.Response), gate)
    const wire = held.open()
    wire.send(plain)

    await gate.reached
    await held.settle()
    const before = wire.text()
    gate.open()
    const after = await wire.until('\r\n\r\n')

    expect(before).toBe('')
    expect(after).toMatch(/^HTTP\/1.1 20[01] /)
  })

  it('P3: starts no commit by writeHead alone', async () => {
    const calls: string[] = []
    const held = await startHeld(
      (_req, res) => {
        res.writeHead(200, { 'Content-Length': 2 })
        setImmediate(() => {
          calls.push('end')
          res.end('ok')
        })
      },
      {
        async commit() {
          calls.push('commit')
          return undefined
        },
      },
    )

    await held.ask()

    expect(calls).toEqual(['end', 'commit'])
  })

  it('P3: commits what is changed right after end, not what is changed an await later', async () => {
    const seen: string[] = []
    let state = 'before'
    const held = await startHeld(
      async (_req, res) => {
        res.end('ok')
        state = 'right after'
        await new Promise(setImmediate)
        state = 'later'
      },
      {
        async commit() {
          seen.push(state)
          return undefined
        },
      },
    )

    await held.ask()

    expect(seen).toEqual(['right after'])
  })

  it('carries the session’s cookie beside the others', async () => {
    const held = await startHeld(
      (_req, res) => res.writeHead(200, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']).end(),
      { commit: async () => 'sid=3' },
    )

    const { headers } = await held.ask()

    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2', 'sid=3'])
  })

  it.each<[string, (res: express.Response) => unknown]>([
    ['one cookie set before', (res) => res.setHeader('Set-Cookie', 'a=1').end()],
    ['several', (res) => res.setHeader('Set-Cookie', ['a=1', 'b=2']).end()],
  ])('keeps %s', async (_, act) => {
    const held = await startHeld((_req, res) => act(res as express.Response), {
      commit: async () => 'sid=3',
    })

    const { headers } = await held.ask()

    expect(headers.getSetCookie().at(0)).toBe('a=1')
    expect(headers.getSetCookie().at(-1)).toBe('sid=3')
  })

  it('keeps status, message and headers as they were at the end', async () => {
    const held = await startHeld((_req, res) => {
      res.setHeader('X-One', '1')
      res.writeHead(418, 'Short and stout', { 'X-Two': '2', 'x-one': 'other' })
      res.statusCode = 500
      res.end('tea')
      res.statusCode = 404
    })

    const { status, reason, headers, body } = await held.ask()

    expect({ status, reason, body }).toEqual({
      status: 418,
      reason: 'Short and stout',
      body: 'tea',
    })
    expect([headers.get('x-one'), headers.get('x-two')]).toEqual(['other', '2'])
    expect(headers.get('content-length')).toBe('3')
  })

  it.each([
    ['a flat list', ['A', '1', 'A', '2', 'B', '3']],
    [
      'a list of pairs',
      [
        ['A', '1'],
        ['A', '2'],
        ['B', '3'],
      ],
    ],
    ['an object', { A: ['1', '2'], B: 3 }],
  ])('takes the headers of writeHead from %s', async (_, given) => {
    const held = await startHeld((_req, res) => {
      res.setHeader('a', 'before')
      res.writeHead(200, given as string[]).end()
    })

    const { headers } = await held.ask()

    expect([headers.get('a'), headers.get('b')]).toEqual(['1, 2', '3'])
  })

  it('tells the truth of what has been done to it', async () => {
    const gate = createGate()
    const truths: unknown[] = []
    const held = await startHeld((_req, res) => {
      const look = () => truths.push([res.headersSent, res.writableEnded])
      look()
      res.write('a')
      look()
      res.end('b')
      look()
      res.on('finish', look)
      return gate.reached.then(look).then(() => gate.open())
    }, gate)

    await held.ask()

    expect(truths).toEqual([
      [false, false],
      [true, false],
      [true, true],
      [true, true],
      [true, true],
    ])
  })

  it.each<[string, (res: express.Response) => unknown]>([
    ['setHeader', (res) => res.setHeader('a', '1')],
    ['appendHeader', (res) => res.appendHeader('a', '1')],
    ['appendHeader to what is there', (res) => res.appendHeader('there', '2')],
    ['removeHeader', (res) => res.removeHeader('a')],
    ['writeHead', (res) => res.writeHead(200)],
    ['json', (res) => res.json({})],
  ])('refuses %s after the end, as Node does', async (_, late) => {
    const thrown: unknown[] = []
    const app = express()
    app.use((_req, res) => {
      holdAnswer(res, { commit: async () => undefined, failed() {} })
      res.setHeader('there', '1').end('ok')
      try {
        late(res)
      } catch (error) {
        thrown.push(Reflect.get(error as object, 'code'))
      }
    })
    const held = await startServer(app)

    const { headers } = await held.ask()

    expect(thrown).toEqual(['ERR_HTTP_HEADERS_SENT'])
    expect([headers.has('a'), headers.get('there')]).toEqual([false, '1'])
  })

  it.each([
    ['end', 201],
    ['writeHead', 202],
  ])('keeps the status it had at %s', async (name, code) => {
    const held = await startHeld((_req, res) => {
      if (name === 'writeHead') res.writeHead(code)
      else res.statusCode = code
      res.end('ok')
      res.statusCode = 500
    })

    expect((await held.ask()).status).toBe(code)
  })

  it('passes flush and flushHeaders on once it has begun', async () => {
    const flushed: string[] = []
    const around = (res: object) =>
      Object.assign(res, {
        flush: () => flushed.push('flush'),
        flushHeaders: () => flushed.push('flushHeaders'),
      })
    const act = (res: ServerResponse & { flush?(): void }) =>
      res.write('a', () => {
        res.flushHeaders()
        res.flush?.()
        res.end()
      })
    const held = await startHeld((_req, res) => act(res), { around })

    await held.ask()

    expect(flushed).toEqual(['flushHeaders', 'flush'])
  })

  it('counts its headers as sent from writeHead on, as Node does', async () => {
    const truths: unknown[] = []
    const held = await startHeld((_req, res) => {
      res.writeHead(201, { a: '1' })
      truths.push(res.headersSent)
      for (const late of [
        () => res.writeHead(200),
        () => res.setHeader('a', '2'),
        () => res.appendHeader('a', '2'),
        () => res.removeHeader('a'),
      ]) {
        expect(late).toThrow(expect.objectContaining({ code: 'ERR_HTTP_HEADERS_SENT' }))
      }
      res.end('ok')
    })

    const { status, headers, body } = await held.ask()

    expect(truths).toEqual([true])
    expect([status, headers.get('a'), body]).toEqual([201, '1', 'ok'])
  })

  it.each([[null], [undefined], []])('ends without a chunk: %s', async (...chunk) => {
    const told = vi.fn()
    const held = await startHeld((_req, res) => Reflect.apply(res.end, res, [...chunk, told]))

    expect(await held.ask()).toMatchObject({ status: 200, body: '' })
    expect(told).toHaveBeenCalledOnce()
  })

  it.each<[string, string, (res: express.Response) => unknown]>([
    ['a null chunk', 'ERR_STREAM_NULL_VALUES', (res) => res.write(null)],
    ['a number for a chunk', 'ERR_INVALID_ARG_TYPE', (res) => res.write(5 as never)],
    ['an object to end with', 'ERR_INVALID_ARG_TYPE', (res) => res.end({} as never)],
    ['an unknown encoding', 'ERR_UNKNOWN_ENCODING', (res) => res.end('x', 'bogus' as never)],
    ['status 42 by writeHead', 'ERR_HTTP_INVALID_STATUS_CODE', (res) => res.writeHead(42)],
    [
      'status 42',
      'ERR_HTTP_INVALID_STATUS_CODE',
      (res) => {
        res.statusCode = 42
        res.end()
      },
    ],
    ['a message in two lines', 'ERR_INVALID_CHAR', (res) => res.writeHead(200, 'a\nb')],
    [
      'such a message at the end',
      'ERR_INVALID_CHAR',
      (res) => {
        res.statusMessage = 'a\nb'
        res.end()
      },
    ],
    ['a header in two lines', 'ERR_INVALID_CHAR', (res) => res.writeHead(200, { a: 'b\nc' })],
    [
      'a header without value',
      'ERR_HTTP_INVALID_HEADER_VALUE',
      (res) => res.writeHead(200, { a: undefined }),
    ],
  ])('throws at the call for %s, and can still answer', async (_, code, act) => {
    const thrown: unknown[] = []
    const held = await startHeld((_req, res) => {
      try {
        act(res as express.Response)
      } catch (error) {
        thrown.push(Reflect.get(error as object, 'code'))
      }
      res.statusMessage = ''
      res.statusCode = 500
      res.end('sorry')
    })

    const { status, body } = await held.ask()

    expect(thrown).toEqual([code])
    expect([status, body]).toEqual([500, 'sorry'])
  })

  it('calls back for every write and for the end, in any form', async () => {
    const called: string[] = []
    const note = (name: string) => () => void called.push(name)
    const held = await startHeld((req, res) => {
      if (req.url === '/bare') return res.end(note('bare'))
      res.write('a', note('write'))
      res.write('62', 'hex', note('hex'))
      return res.end('c', 'utf8', note('end'))
    })

    const { body } = await held.ask('/full')
    await held.ask('/bare')

    expect(body).toBe('abc')
    expect(called).toEqual(['write', 'hex', 'end', 'bare'])
  })

  it.each<[string, (res: express.Response) => unknown]>([
    ['while it is held', (res) => res.end('ab')],
    [
      'after it was streamed',
      (res) => {
        res.write('a')
        return new Promise((done) => setTimeout(() => done(res.end('b')), 5))
      },
    ],
  ])('bears a second end, %s', async (_, answer) => {
    const told = vi.fn()
    const held = await startHeld(async (_req, res) => {
      await answer(res as never)
      res.end('again', told)
    })

    const { body } = await held.ask()

    expect(body).toBe('ab')
    await vi.waitFor(() => expect(told).toHaveBeenCalledOnce())
  })

  it('lets a write after the end fall while it is held', async () => {
    const held = await startHeld((_req, res) => {
      res.end('ab')
      res.write('c')
    })

    const { status, body } = await held.ask()

    expect([status, body]).toEqual([200, 'ab'])
    expect((await held.ask()).status).toBe(200)
  })

  it('emits finish and close as any other', async () => {
    const seen: string[] = []
    const gate = createGate()
    const held = await startHeld((_req, res) => {
      res.on('finish', () => seen.push('finish')).on('close', () => seen.push('close'))
      res.end('ok')
    }, gate)
    const wire = held.open()
    wire.send(last)

    await gate.reached
    await held.settle()
    const before = [...seen]
    gate.open()
    await wire.all()

    expect(before).toEqual([])
    expect(seen).toEqual(['finish', 'close'])
  })

  it.each([
    ['HEAD', 200],
    ['GET', 304],
    ['GET', 204],
  ])('sends no body where there is none: %s %i', async (method, code) => {
    const held = await startHeld((_req, res) => res.writeHead(code).end('body'))

    const { status, body } = await held.ask('/', { method })

    expect([status, body]).toEqual([code, ''])
  })

  it('lets early hints and 100-continue pass', async () => {
    const gate = createGate()
    const held = await startHeld((_req, res) => {
      res.writeContinue()
      res.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
      res.end('ok')
    }, gate)
    const wire = held.open()
    wire.send(last)

    const early = await wire.until('style.css')
    gate.open()
    const all = await wire.all()

    expect(early).toMatch(/^HTTP\/1.1 100 .*HTTP\/1.1 103 /s)
    expect(early).not.toContain('200 OK')
    expect(all).toContain('200 OK')
  })

  it('answers pipelined requests in their order', async () => {
    const gates = [createGate(), createGate()]
    let count = 0
    const held = await startServer((_req, res) => {
      const gate = gates[count]
      count += 1
      holdAnswer(res, { commit: async () => gate?.commit(), failed() {} })
      res.end(`answer ${count}`)
    })
    const wire = held.open()
    wire.send(plain + last)

    await Promise.all(gates.map(({ reached }) => reached))
    gates[1]?.open()
    await new Promise(setImmediate)
    const early = wire.text()
    gates[0]?.open()
    const all = await wire.all()

    expect(early).toBe('')
    expect(all).toMatch(/answer 1.*answer 2/s)
  })

  it('keeps the connection for the next request', async () => {
    const held = await startHeld((req, res) => res.end(req.url))
    const wire = held.open()

    wire.send('GET /one HTTP/1.1\r\nHost: x\r\n\r\n')
    await wire.until('/one')
    wire.send('GET /two HTTP/1.1\r\nHost: x\r\n\r\n')
    await wire.until('/two')

    expect(wire.text().split('200 OK')).toHaveLength(3)
  })

  it('is finished by a server that closes', async () => {
    const gate = createGate()
    const held = await startHeld((_req, res) => res.end('late'), gate)
    const wire = held.open()
    wire.send(plain)
    await gate.reached

    const closed = new Promise((resolve) => held.server.close(resolve))
    await new Promise(setImmediate)
    gate.open()

    expect(messageOf(await wire.until('late')).status).toBe(200)
    held.server.closeIdleConnections()
    await closed
  })

  it('is committed for a client that has gone', async () => {
    const gate = createGate()
    const told: string[] = []
    const held = await startHeld(
      (_req, res) => {
        res.on('close', () => told.push('close'))
        res.end('nobody reads this')
      },
      { commit: gate.commit, sent: () => told.push('sent') },
    )
    const wire = held.open()
    wire.send(plain)
    await gate.reached

    wire.destroy()
    while (!told.includes('close')) await new Promise(setImmediate)
    gate.open()
    await held.settle()

    expect(told).toEqual(['close', 'sent'])
  })

  it('tells whether it was streamed, once and at its end', async () => {
    const told: [string | undefined, boolean][] = []
    const held = await startServer((req, res) => {
      const sent = (streamed: boolean) => void told.push([req.url, streamed])
      holdAnswer(res, { commit: async () => undefined, failed() {}, sent })
      if (req.url === '/whole') return res.end('ok')
      res.write('a')
      return setTimeout(() => res.end('b'), 5)
    })

    await held.ask('/whole')
    await held.ask('/stream')

    expect(told).toEqual([
      ['/whole', false],
      ['/stream', true],
    ])
  })

  it('is known as such', async () => {
    const known: boolean[] = []
    const held = await startServer((_req, res) => {
      known.push(isHeld(res))
      holdAnswer(res, { commit: async () => undefined, failed() {} })
      known.push(isHeld(res))
      res.end()
    })

    await held.ask()

    expect(known).toEqual([false, true])
  })

  it('fails like its commit where its first byte can’t be sent', async () => {
    const failed: unknown[] = []
    const held = await startHeld(
      (_req, res) => res.setHeader('Content-Type', 'text/html').end('ok'),
      {
        around(res) {
          // As a listener of on-headers that throws.
          res.writeHead = () => {
            throw new Error('broken middleware')
          }
        },
        failed: (error) => failed.push(error),
      },
    )
    const wire = held.open()
    wire.send(last)
    while (failed.length === 0) await new Promise(setImmediate)

    expect(failed).toEqual([new Error('broken middleware')])
    expect(wire.text()).toBe('')
  })
})

describe('an answer that breaks while it is sent', () => {
  it('loses its connection, so that it does not look whole', async () => {
    const failed: unknown[] = []
    const held = await startHeld(
      (_req, res) => {
        res.writeHead(200, { 'Content-Length': 10 })
        res.write('12345')
        res.end('67890')
      },
      {
        around(res) {
          res.end = () => {
            throw new Error('broken middleware')
          }
        },
        failed: (error) => failed.push(error),
      },
    )

    const wire = held.open()
    wire.send(last)
    const text = await wire.all()

    expect(text).not.toContain('67890')
    expect(failed).toEqual([new Error('broken middleware')])
  })
})

describe('an answer on hold over HTTP/2', () => {
  /** With what the process warned of: over HTTP/2 there is no status message. */
  async function ask(act: (res: express.Response) => unknown, commit: () => Promise<string>) {
    const failed: unknown[] = []
    const warnings: unknown[] = []
    const listen = (warning: unknown) => warnings.push(warning)
    process.on('warning', listen)
    onTestFinished(() => void process.off('warning', listen))
    const server = createHttp2Server((_req, res) => {
      const response = res as unknown as express.Response
      holdAnswer(response, {
        commit,
        failed(error) {
          failed.push(error)
          response.end('failed')
        },
      })
      act(response)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    onTestFinished(() => {
      client.destroy()
      server.close()
    })
    const stream = client.request({ ':path': '/' }).setEncoding('utf8')
    const [headers] = await once(stream, 'response')
    let body = ''
    for await (const part of stream) body += part
    return { headers, body, failed, warnings }
  }

  it('is sent after the commit, with its cookie', async () => {
    const { headers, body, warnings } = await ask(
      (res) => {
        res.writeHead(201, { 'X-A': 'b' })
        res.write('he')
        res.end('llo')
      },
      async () => 'sid=1',
    )

    expect(headers).toMatchObject({ ':status': 201, 'x-a': 'b', 'set-cookie': ['sid=1'] })
    expect(body).toBe('hello')
    expect(warnings).toEqual([])
  })

  it('becomes a 503 when the commit fails, without a warning', async () => {
    const { headers, body, failed, warnings } = await ask(
      (res) => {
        res.setHeader('ETag', '"1"')
        res.end('hello')
      },
      async () => {
        throw new Error('down')
      },
    )

    expect(headers).toMatchObject({ ':status': 503, 'retry-after': '2' })
    expect(headers).not.toHaveProperty('etag')
    expect([body, failed]).toEqual(['failed', [new Error('down')]])
    expect(warnings).toEqual([])
  })
})
