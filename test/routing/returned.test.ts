/** What an action may return beside plain data; what only calls give back is tried in walk.test.ts. */
import type { Request, Response } from 'express'
import { describe, expect, it } from 'vitest'
import { defineAction } from '../../src/index.ts'
import { liftFiles } from '../support/lift-files.ts'

const later = (res: Response) => () => void res.json({ by: 'res' })

const routes = {
  'GET /bytes': () => new Uint8Array([104, 105]),
  'GET /error': () => new Error('returned'),
  'GET /lost-error': (_req: Request, res: Response) => {
    res.json({ by: 'res' })
    return new Error('too late')
  },
  'GET /declared': defineAction({ run: (_inputs, { req, res }) => req.session.save(later(res)) }),
  'GET /declared-bytes': defineAction({ run: () => new Uint8Array([104, 105]) }),
}

const lift = async () => (await liftFiles({}, { routes })).browser()

describe('what an action returns', () => {
  it.each(['/bytes', '/declared-bytes'])('is sent as bytes where it is: %s', async (path) => {
    const visitor = await lift()

    const { body, headers } = await visitor.get(path)

    expect([body, headers.get('content-type')]).toEqual(['hi', 'application/octet-stream'])
    const ack = await visitor.emit(`GET ${path}`)
    expect(ack.body).toEqual({ type: 'Buffer', data: [104, 105] })
  })

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
