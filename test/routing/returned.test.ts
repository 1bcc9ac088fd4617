/** What an action may return beside plain data; what only calls give back is tried in walk.test.ts. */
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Request, Response } from 'express'
import { describe, expect, it } from 'vitest'
import { defineAction } from '../../src/index.ts'
import { liftFiles } from '../support/lift-files.ts'

let endless: Readable | undefined

const later = (res: Response) => () => void res.json({ by: 'res' })

const routes = {
  'GET /bytes': () => new Uint8Array([104, 105]),
  'GET /buffer': () => new Uint8Array([104, 105]).buffer,
  'GET /stream': () => Readable.from([Buffer.from('h'), Buffer.from('i')], { objectMode: false }),
  'GET /declared-stream': defineAction({ run: () => createReadStream(own) }),
  'GET /heard': (_req: Request, res: Response) => {
    const stream = createReadStream(own)
    return stream.on('open', () => void stream.destroy()).on('close', later(res))
  },
  'GET /missing-file': (_req: Request, res: Response) => {
    res.type('text/css')
    return createReadStream(join(own, 'missing'))
  },
  'GET /torn': () => {
    let count = 0
    return new Readable({
      read() {
        if (count++ < 20) this.push(Buffer.alloc(20_000))
        else this.destroy(new Error('torn'))
      },
    })
  },
  'GET /objects': () => Readable.from([{ n: 1 }]),
  'GET /map': () => new Map([['a', 1]]),
  'GET /set': () => new Set([1]),
  'GET /response': () => new Response('hi'),
  'GET /web-stream': () => new Response('hi').body,
  'GET /blob': () => new Blob(['hi']),
  'GET /form': () => new FormData(),
  'GET /headers': () => new Headers({ a: 'b' }),
  'GET /endless': () => {
    endless = new Readable({
      read() {
        this.push(Buffer.alloc(20_000))
      },
    })
    return endless
  },
  'GET /error': () => new Error('returned'),
  'GET /lost-error': (_req: Request, res: Response) => {
    res.json({ by: 'res' })
    return new Error('too late')
  },
  'GET /declared': defineAction({ run: (_inputs, { req, res }) => req.session.save(later(res)) }),
  'GET /declared-bytes': defineAction({ run: () => new Uint8Array([104, 105]) }),
}

const own = import.meta.filename

const lift = async () => (await liftFiles({}, { routes })).browser()

describe('what an action returns', () => {
  it.each(['/bytes', '/buffer', '/declared-bytes'])(
    'is sent as bytes where it is: %s',
    async (path) => {
      const visitor = await lift()

      const { body, headers } = await visitor.get(path)

      expect([body, headers.get('content-type')]).toEqual(['hi', 'application/octet-stream'])
      const ack = await visitor.emit(`GET ${path}`)
      expect(ack.body).toEqual({ type: 'Buffer', data: [104, 105] })
    },
  )

  it('is piped over HTTP where it is a stream', async () => {
    const visitor = await lift()

    const { body, headers } = await visitor.get('/stream')

    expect([body, headers.get('content-type')]).toEqual(['hi', 'application/octet-stream'])
    expect((await visitor.get('/declared-stream')).body).toContain('is piped over HTTP')
    const ack = await visitor.emit('GET /declared-stream')
    expect(ack).toMatchObject({ statusCode: 500 })
    expect(String(ack.body)).toContain('A stream needs HTTP')
  })

  it('is no answer where it is a stream that is listened to', async () => {
    const visitor = await lift()

    expect(await visitor.get('/heard')).toMatchObject({ status: 200, body: { by: 'res' } })
  })

  it('fails where it is a stream that fails', async () => {
    const visitor = await lift()

    const { status, body, headers } = await visitor.get('/missing-file')

    expect([status, headers.get('content-type')]).toEqual([500, expect.stringMatching('json')])
    expect(body).toMatchObject({ message: expect.stringMatching('ENOTDIR') })
    await expect(visitor.get('/torn')).rejects.toThrow()
  })

  it('is given up with the client that reads it', async () => {
    const { url } = await liftFiles({}, { routes })
    const leaving = new AbortController()
    const answer = await fetch(`${url}/endless`, { signal: leaving.signal })
    await answer.body?.getReader().read()

    leaving.abort()

    await expect.poll(() => endless?.destroyed).toBe(true)
  })

  it.each(['/map', '/set', '/response', '/web-stream', '/objects', '/blob', '/form', '/headers'])(
    'fails where it is nothing that JSON has words for: %s',
    async (path) => {
      const visitor = await lift()

      expect(await visitor.get(path)).toMatchObject({
        status: 500,
        body: { code: 'E_ANSWER_VALUE' },
      })
      expect(await visitor.emit(`GET ${path}`)).toMatchObject({ statusCode: 500 })
    },
  )

  it('fails where it is an error', async () => {
    const visitor = await lift()

    expect(await visitor.get('/error')).toMatchObject({
      status: 500,
      body: { message: 'returned' },
    })
    expect(await visitor.emit('GET /error')).toMatchObject({ statusCode: 500 })
  })

  it('does not break an answer that is on its way', async () => {
    const visitor = await lift()

    expect(await visitor.get('/lost-error')).toMatchObject({ status: 200, body: { by: 'res' } })
  })

  it('with declared inputs may be what calls back, too', async () => {
    const visitor = await lift()

    expect(await visitor.get('/declared')).toMatchObject({ status: 200, body: { by: 'res' } })
    expect(await visitor.emit('GET /declared')).toMatchObject({ body: { by: 'res' } })
  })
})
