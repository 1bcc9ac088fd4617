import { gzipSync } from 'node:zlib'
import type { Request } from 'express'
import { describe, expect, it } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'
import { ask } from './ask.ts'

const routes = {
  'POST /echo': (req: Request) => ({ body: req.body, all: req.allParams() }),
}
const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

async function echo(headers: Record<string, string>, body: string | Buffer, http = {}) {
  const { url } = await liftFiles({}, { routes, http })
  const answer = await ask(url, '/echo?q=1', { method: 'POST', headers, body })
  return { ...answer, body: JSON.parse(answer.body) }
}

describe('a body', () => {
  it('is read as JSON', async () => {
    const { body } = await echo(json, '{"a":[1,{"b":null}]}')

    expect(body).toEqual({ body: { a: [1, { b: null }] }, all: { q: '1', a: [1, { b: null }] } })
  })

  it('is read as a form, nested too', async () => {
    const { body } = await echo(form, 'name=ada+l&tags[]=x&tags[]=y&at[city]=London')

    expect(body.body).toEqual({ name: 'ada l', tags: ['x', 'y'], at: { city: 'London' } })
  })

  it('of another type is left for the action to read', async () => {
    const { body } = await echo({ 'content-type': 'text/csv' }, 'a,b')

    expect(body).toEqual({ all: { q: '1' } })
  })

  it('may be compressed', async () => {
    const { body } = await echo({ ...json, 'content-encoding': 'gzip' }, gzipSync('{"a":1}'))

    expect(body.body).toEqual({ a: 1 })
  })

  it.each([
    ['JSON', json, JSON.stringify({ a: 'x'.repeat(100_000) })],
    ['a form', form, `a=${'x'.repeat(103_000)}`],
    [
      'compressed JSON',
      { ...json, 'content-encoding': 'gzip' },
      gzipSync(JSON.stringify('x'.repeat(9e6))),
    ],
  ])('above 100 KB is refused: %s', async (_what, headers, text) => {
    const tooLong = typeof text === 'string' ? text.padEnd(103_000) : text

    const { status, body } = await echo(headers, tooLong)

    expect(status).toBe(413)
    expect(body).toMatchObject({ code: 'E_BAD_REQUEST', message: expect.stringMatching(/large/) })
  })

  it('may be as large as the app says', async () => {
    const text = JSON.stringify({ a: 'x'.repeat(300) })

    expect((await echo(json, text, { bodyLimit: 200 })).status).toBe(413)
    expect((await echo(json, text, { bodyLimit: '1kb' })).status).toBe(200)
  })

  it.each(['{"a":', 'nonsense', '"a text alone"', '7', '{"a":1}}', '\u0000'])(
    'that is no JSON object is refused: %j',
    async (text) => {
      const { status, body, headers } = await echo(json, text)

      expect(status).toBe(400)
      expect(headers['content-type']).toMatch(/json/)
      expect(body).toMatchObject({ code: 'E_BAD_REQUEST', message: expect.any(String) })
    },
  )

  it('in an encoding nobody knows is refused', async () => {
    expect((await echo({ ...json, 'content-encoding': 'rot13' }, '{}')).status).toBe(415)
    expect((await echo({ 'content-type': 'application/json; charset=x' }, '{}')).status).toBe(415)
  })

  it.each([
    ['deep JSON', json, `${'['.repeat(40_000)}${']'.repeat(40_000)}`, [200]],
    ['a deep form', form, `a${'[b]'.repeat(20_000)}=1`, [400, 413]],
    ['a wide form', form, 'a=1&'.repeat(20_000), [400, 413]],
  ])('that is a bomb is no trouble: %s', async (_what, headers, text, statuses) => {
    const { url } = await liftFiles({}, { routes: { 'POST /echo': () => 'read' } })
    const began = performance.now()

    const { status } = await ask(url, '/echo', { method: 'POST', headers, body: text })

    expect(statuses).toContain(status)
    expect(performance.now() - began).toBeLessThan(1000)
  })

  it.each([
    ['JSON', json, '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'],
    ['a form', form, '__proto__[polluted]=1&constructor[prototype][polluted]=1'],
  ])('changes no prototype: %s', async (_what, headers, text) => {
    await echo(headers, text)

    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})
