import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import express, { type ErrorRequestHandler } from 'express'
import { describe, expect, it } from 'vitest'
import { holdAnswer } from '../../src/session/hold.ts'
import { createGate, down, startHeld, startServer } from './wire.ts'
import { compress } from './zip.ts'

type Act = (res: express.Response, req: express.Request) => unknown

/** Express with a session that can't be committed, and an error handler that answers. */
async function startFailing(act: Act, { around, after }: Record<string, typeof compress> = {}) {
  const errors: unknown[] = []
  const app = express()
  app.use((req, res, next) => {
    around?.(res)
    res.cookie('earlier', '1')
    const commit = async () => {
      throw down()
    }
    holdAnswer(res, { commit, failed: next })
    after?.(res)
    act(res, req)
  })
  const answerError: ErrorRequestHandler = (error, _req, res, next) => {
    errors.push(error)
    if (res.headersSent) next(error)
    else res.status(error.status).json({ code: 'E_DOWN' })
  }
  app.use(answerError)
  return { ...(await startServer(app)), errors }
}

describe('an answer whose commit failed', () => {
  it.each<[string, Act]>([
    ['json', (res) => res.json({ secret: 'never stored' })],
    ['end', (res) => res.end('never stored')],
    ['writeHead', (res) => res.writeHead(201, 'Fine', { 'X-Kept': 'yes' }).end('never stored')],
    ['write and end at once', (res) => res.write('never') && res.end('stored')],
    ['redirect', (res) => res.redirect('/home')],
  ])('P3: becomes the 503 of the error handler: %s', async (_, act) => {
    const held = await startFailing(act)

    const { status, reason, headers, body } = await held.ask()

    expect([status, reason, body]).toEqual([503, 'Service Unavailable', '{"code":"E_DOWN"}'])
    expect(headers.get('retry-after')).toBe('2')
    expect(headers.has('location')).toBe(false)
    expect(held.errors).toEqual([down()])
  })

  it('calls back after the call, with the error, never within it', async () => {
    const order: unknown[] = []
    const held = await startFailing(async (res) => {
      res.write('a')
      await new Promise(setImmediate)
      await new Promise(setImmediate)
      res.write('b', (error) => order.push(error))
      order.push('returned')
      res.end()
    })

    await held.ask()

    expect(order).toEqual(['returned', down()])
  })

  it('speaks no more of its body, but keeps earlier cookies and policies', async () => {
    const held = await startFailing((res) => {
      res.set({
        'Content-Type': 'text/csv',
        'Content-Disposition': 'attachment',
        'Content-Language': 'de',
        'Content-Security-Policy': "default-src 'self'",
        ETag: '"1"',
        'Last-Modified': new Date(0).toUTCString(),
        'Cache-Control': 'max-age=60',
        Expires: new Date(0).toUTCString(),
        'X-Own': '1',
      })
      res.cookie('own', '2').send('a,b')
    })

    const { headers } = await held.ask()

    expect(headers.getSetCookie()).toEqual(['earlier=1; Path=/', 'own=2; Path=/'])
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(headers.get('etag')).not.toBe('"1"')
    expect(headers.get('content-security-policy')).toBe("default-src 'self'")
    expect(headers.get('x-own')).toBe('1')
    const gone = [
      'content-disposition',
      'content-language',
      'last-modified',
      'cache-control',
      'expires',
    ]
    expect(gone.filter((name) => headers.has(name))).toEqual([])
  })

  it('has its status already for a server without Express', async () => {
    const held = await startServer((_req, res) => {
      const commit = () => Promise.reject(new Error('a store’s own error'))
      holdAnswer(res, { commit, failed: () => res.end('failed') })
      res.end('never stored')
    })

    const { status, headers, body } = await held.ask()

    expect([status, headers.get('retry-after'), body]).toEqual([503, '2', 'failed'])
  })

  it('asks nobody to retry what can’t succeed', async () => {
    const held = await startHeld(
      (_req, res) => {
        res.write('x')
      },
      {
        commit: () => Promise.reject(Object.assign(new Error('too large'), { status: 500 })),
        failed: () => {},
      },
    )

    const { status, headers } = await held.ask()

    expect([status, headers.has('retry-after')]).toEqual([500, false])
  })

  it('is refused, too, where the commit throws at once', async () => {
    const commit = () => {
      throw down()
    }
    const held = await startServer((_req, res) => {
      holdAnswer(res, { commit, failed: () => res.end('failed') })
      res.end('never stored')
    })

    expect(await held.ask()).toMatchObject({ status: 503, body: 'failed' })
  })

  it.each([
    ['stays as it is when it tells of a failure itself', 'end', [500, 'own', 'sid=new']],
    [
      'is replaced while it is still being written, whatever it tells',
      'write',
      [503, '', 'sid=new'],
    ],
  ] as const)('%s', async (_, how, expected) => {
    const failed: unknown[] = []
    const held = await startHeld(
      (_req, res) => {
        res.statusCode = 500
        res[how]('own')
      },
      {
        commit: () => Promise.reject(new Error('lost')),
        rescue: () => 'sid=new',
        failed: (error) => void failed.push(error),
      },
    )

    const { status, headers, body } = await held.ask()

    expect([status, body, headers.get('set-cookie')]).toEqual(expected)
    expect(failed).toHaveLength(how === 'end' ? 0 : 1)
  })

  it('is not told of as sent', async () => {
    const told: boolean[] = []
    const held = await startServer((_req, res) => {
      const commit = () => Promise.reject(down())
      const sent = (streamed: boolean) => void told.push(streamed)
      holdAnswer(res, { commit, failed: () => res.end('failed'), sent })
      res.end('never stored')
    })

    await held.ask()

    expect(told).toEqual([])
  })

  it('calls back those who wait for its writes, with the error', async () => {
    const called: unknown[] = []
    const note = (name: string) => (error?: unknown) => void called.push([name, error])
    const held = await startFailing((res) => {
      res.write('a', note('write'))
      res.end('b', note('end'))
    })

    await held.ask()

    expect(called).toEqual([
      ['write', down()],
      ['end', down()],
    ])
  })

  it('becomes a 503 where a file was to be sent', async () => {
    const here = fileURLToPath(import.meta.url)
    const held = await startFailing((res) => res.sendFile(here))

    const { status, headers, body } = await held.ask()

    expect(status).toBe(503)
    expect(headers.has('accept-ranges') && headers.has('last-modified')).toBe(false)
    expect(body).not.toContain('describe')
  })

  it.each(['around', 'after'])('becomes a 503 with compression %s the session', async (place) => {
    const held = await startFailing((res) => res.send('x'.repeat(100_000)), { [place]: compress })

    const answer = await fetch(held.url)
    const text = await answer.text()

    expect(answer.status).toBe(503)
    // Zlib may not have ended yet when the commit fails: then it is the bare status.
    expect(['{"code":"E_DOWN"}', '']).toContain(text)
    expect(held.errors).toEqual([down()])
  })

  it('leaves the error handler the whole response, whatever compression made of it', async () => {
    const gate = createGate()
    const app = express()
    const zipped = Promise.withResolvers<void>()
    app.use((_req, res, next) => {
      holdAnswer(res, { commit: gate.commit, failed: next })
      const { end } = res
      res.end = () => {
        zipped.resolve()
        return end.call(res, undefined, 'utf8')
      }
      compress(res)
      res.send('never stored')
    })
    app.use(((_error, _req, res, _next) => {
      Readable.from(parts(100, 50_000)).pipe(res)
    }) satisfies ErrorRequestHandler)
    const held = await startServer(app)
    const answer = fetch(held.url)

    await zipped.promise
    gate.fail(down())
    const { status, headers } = await answer

    expect([status, headers.has('content-encoding')]).toEqual([503, false])
    expect((await (await answer).arrayBuffer()).byteLength).toBe(5_000_000)
  })
})

describe('a stream whose commit failed', () => {
  it('P3: becomes a bare 503, and nobody hears the rest', async () => {
    const ended: boolean[] = []
    const held = await startFailing(async (res) => {
      res.type('text/event-stream').write('data: never stored')
      await new Promise((resolve) => res.once('finish', resolve))
      ended.push(res.writableEnded)
      res.write('data: later')
      res.end()
    })

    const { status, headers, body } = await held.ask()

    expect([status, body]).toEqual([503, ''])
    expect(headers.get('retry-after')).toBe('2')
    expect(headers.has('content-type')).toBe(false)
    expect(headers.getSetCookie()).toEqual(['earlier=1; Path=/'])
    expect(held.errors).toEqual([down()])
    expect(ended).toEqual([true])
  })

  it.each<[string, () => Readable]>([
    ['a slow one', () => Readable.from(parts(50))],
    ['a file', () => createReadStream(fileURLToPath(import.meta.url))],
    ['more than is held', () => Readable.from(parts(50, 20_000))],
  ])('leaves no pipeline open: %s', async (_, open) => {
    const source = open()
    const settled = Promise.withResolvers<void>()
    const held = await startFailing((res) => {
      pipeline(source, res)
        .finally(settled.resolve)
        .catch(() => {})
    })

    const { status } = await held.ask()
    await settled.promise

    expect([status, source.destroyed]).toEqual([503, true])
  })

  it('calls back those who write on', async () => {
    const called: unknown[] = []
    const done = Promise.withResolvers<void>()
    const held = await startFailing((res) => {
      res.write('a', (error) => {
        called.push(error)
        res.write('b', (later) => {
          called.push(later)
          res.end(() => done.resolve())
        })
      })
    })

    await held.ask()
    await done.promise

    expect(called).toEqual([down(), down()])
  })

  it('wakes a writer that waits for drain', async () => {
    const drained = Promise.withResolvers<void>()
    const held = await startFailing((res) => {
      res.once('drain', () => drained.resolve())
      while (res.write(Buffer.alloc(10_000)));
    })

    await held.ask()

    await drained.promise
  })
})

async function* parts(count: number, size = 10): AsyncGenerator<Buffer> {
  for (let index = 0; index < count; index += 1) yield Buffer.alloc(size)
}
