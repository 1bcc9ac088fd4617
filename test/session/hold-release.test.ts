import type { ServerResponse } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import { holdAnswer } from '../../src/session/hold.ts'
import { down, startHeld, startServer } from './wire.ts'

describe('the head of an answer that brings the cookie', () => {
  it.each([
    [undefined, 'Cookie'],
    ['Accept', 'Accept, Cookie'],
    ['Accept, X-Cookie', 'Accept, X-Cookie, Cookie'],
    ['Cookies', 'Cookies, Cookie'],
    ['accept ,COOKIE , Origin', 'accept ,COOKIE , Origin'],
    ['*', '*'],
  ])('varies by the cookie, said once: %s', async (given, sent) => {
    const held = await startHeld(
      (_req, res) => {
        if (given) res.setHeader('Vary', given)
        res.end()
      },
      { commit: async () => 'sid=1', guardCaches: true },
    )

    const { headers } = await held.ask()

    expect(headers.get('vary')).toBe(sent)
    expect(headers.get('cache-control')).toBe('private, no-store')
  })

  it('says nothing of caches where nobody asked for that', async () => {
    const held = await startHeld((_req, res) => res.end(), { commit: async () => 'sid=1' })

    const { headers } = await held.ask()

    expect([headers.has('vary'), headers.has('cache-control')]).toEqual([false, false])
  })
})

describe('writeHead of an answer on hold', () => {
  it.each<[string, unknown[], unknown[]]>([
    ['headers behind no message', [202, undefined, { a: '1' }], [202, 'Accepted', '1']],
    ['a message without headers', [202, 'Fine', null], [202, 'Fine', null]],
    ['a status with a fraction', [202.9], [202, 'Accepted', null]],
    ['a status that is a text', ['202'], [202, 'Accepted', null]],
    ['a message with a tab', [202, 'a\tb'], [202, 'a\tb', null]],
    ['a message of Latin letters', [202, '\x80\xff'], [202, '\ufffd\ufffd', null]],
    [
      'a list with several values in one',
      [202, ['A', ['1', '2'], 'B', '3']],
      [202, 'Accepted', '1, 2'],
    ],
  ])('takes %s, as Node does', async (_, args, expected) => {
    const held = await startHeld((_req, res) => {
      Reflect.apply(res.writeHead, res, args)
      res.end()
    })

    const { status, reason, headers } = await held.ask()

    expect([status, reason, headers.get('a')]).toEqual(expected)
  })
})

describe('the status of an answer on hold', () => {
  it.each<[unknown, number]>([
    ['404', 404],
    [404.5, 404],
    [999, 999],
  ])('may be all that Node takes: %o', async (given, sent) => {
    const held = await startHeld((_req, res) => {
      Object.assign(res, { statusCode: given })
      res.end()
    })

    expect((await held.ask()).status).toBe(sent)
  })

  it.each([99, 1000, 'none'])('is refused as Node does: %o', async (given) => {
    const held = await startHeld((_req, res) => {
      Object.assign(res, { statusCode: given })
      expect(() => res.end()).toThrow(RangeError)
      expect(() => res.writeHead(given as number)).toThrow(`Invalid status code: ${given}`)
      res.writeHead(204).end()
    })

    expect((await held.ask()).status).toBe(204)
  })
})

describe('an answer that was let go', () => {
  it.each([new Uint8Array([97]), Buffer.from('a')])('may be bytes: %o', async (bytes) => {
    const held = await startHeld((_req, res) => res.write(bytes) && res.end(bytes))

    expect((await held.ask()).body).toBe('aa')
  })

  it('tells nobody of room who was not told to wait', async () => {
    const drained = vi.fn()
    const held = await startHeld((_req, res) => {
      res.on('drain', drained)
      res.write('a')
      res.end('b')
    })

    await held.ask()

    expect(drained).not.toHaveBeenCalled()
  })

  it('tells once that it was sent, however often it is ended', async () => {
    const sent = vi.fn()
    const ended = Promise.withResolvers<void>()
    const held = await startHeld(
      (_req, res) =>
        res.write('a', () => {
          res.end('b').end().end(ended.resolve)
        }),
      { sent },
    )

    await held.ask()
    await ended.promise

    expect(sent.mock.calls).toEqual([[true]])
  })
})

describe('an answer that breaks while it is sent', () => {
  /** Its first write leaves, its end throws. */
  async function broken(failed: (error: unknown, res: ServerResponse) => void, told = vi.fn()) {
    let answer: ServerResponse
    const held = await startHeld(
      (_req, res) => {
        answer = res as ServerResponse
        res.writeHead(200, { 'Content-Length': 10 })
        res.write('12345', told)
        res.end('67890')
      },
      {
        around(res) {
          res.end = () => {
            throw new Error('broken middleware')
          }
        },
        failed: (error) => failed(error, answer),
      },
    )
    const wire = held.open()
    wire.send('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    await wire.all()
    await held.settle()
    return told.mock.calls.length
  }

  it('calls back once for what was sent before', async () => {
    expect(await broken(() => {})).toBe(1)
  })

  it('tells those who write on why', async () => {
    const told: unknown[] = []

    await broken((_, res) => res.write('more', (error) => told.push(error)))

    expect(told).toEqual([new Error('broken middleware')])
  })
})

describe('an answer that breaks before its first byte', () => {
  it('is a 500, which nobody is asked to try again', async () => {
    const held = await startServer((_req, res) => {
      const { end } = res
      res.end = () => {
        res.end = end
        throw new Error('broken middleware')
      }
      const failed = () => end.call(res, 'failed', 'utf8')
      holdAnswer(res, { commit: async () => undefined, failed })
      res.end('never sent')
    })

    const { status, headers, body } = await held.ask()

    expect([status, headers.has('retry-after'), body]).toEqual([500, false, 'failed'])
  })
})

describe('what takes the place of a dropped answer', () => {
  it.each<[unknown, number]>([
    [Object.assign(new Error('no'), { status: 399 }), 503],
    [Object.assign(new Error('no'), { status: 400 }), 400],
    [Object.assign(new Error('no'), { status: 599 }), 599],
    [Object.assign(new Error('no'), { status: 600 }), 503],
    [Object.assign(new Error('no'), { status: '404' }), 503],
    [{ status: 418 }, 418],
    [undefined, 503],
  ])('has the status its error says, where that is one: %j', async (error, expected) => {
    const held = await startServer((_req, res) => {
      const commit = () => Promise.reject(error)
      holdAnswer(res, { commit, failed: () => res.end('failed') })
      res.end('never stored')
    })

    expect(await held.ask()).toMatchObject({ status: expected, body: 'failed' })
  })

  it('finds the response as it was at first', async () => {
    const found: unknown[] = []
    const held = await startServer((_req, res) => {
      const answer = () => {
        found.push(res.headersSent, res.writableEnded, res.writableNeedDrain)
        found.push('flush' in res, res.hasHeader('Transfer-Encoding'))
        res.end('failed')
      }
      holdAnswer(res, { commit: () => Promise.reject(down()), failed: answer })
      Object.assign(res, { flush() {} })
      res.setHeader('Transfer-Encoding', 'chunked')
      res.write('x'.repeat(100_000))
      res.end()
    })

    const { status, body } = await held.ask()

    expect([status, body]).toEqual([503, 'failed'])
    expect(found).toEqual([false, false, false, false, false])
  })

  it('tells nobody of room who was not told to wait', async () => {
    const drained = vi.fn()
    const held = await startHeld(
      (_req, res) => {
        res.on('drain', drained)
        res.write('a')
      },
      { commit: () => Promise.reject(down()), failed: () => {} },
    )

    expect((await held.ask()).status).toBe(503)
    expect(drained).not.toHaveBeenCalled()
  })
})
