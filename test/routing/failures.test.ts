import type { Request, Response } from 'express'
import { describe, expect, it } from 'vitest'
import { CatamaranError } from '../../src/errors.ts'
import { createErrorAnswer } from '../../src/routing/failures.ts'
import { browser, program, serve, socket } from './server.ts'

const production = { production: true }
const development = { production: false }
const throwing = (error: unknown) => () => {
  throw error
}
const withStatus = (status: number, more: object = {}) =>
  Object.assign(new Error('row 7 of db.local'), { status, ...more })

async function answerTo(error: unknown, headers = program, disclosure = production) {
  const answer = await (await serve(throwing(error), disclosure)).get(headers)
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

describe('a thrown CatamaranError', () => {
  it('answers its status, code and message', async () => {
    const { status, text } = await answerTo(new CatamaranError('E_SESSION_ENDED'))

    expect(status).toBe(401)
    expect(JSON.parse(text)).toEqual({ code: 'E_SESSION_ENDED', message: 'This session has ended' })
  })

  it('adds its hint in development', async () => {
    const { text } = await answerTo(new CatamaranError('E_SESSION_ENDED'), program, development)

    expect(JSON.parse(text)).toHaveProperty('hint', expect.stringContaining('log in again'))
  })

  it('answers the same over a socket', async () => {
    const { status, text } = await answerTo(new CatamaranError('E_SESSION_ENDED'), socket)

    expect(status).toBe(401)
    expect(JSON.parse(text)).toEqual({ code: 'E_SESSION_ENDED', message: 'This session has ended' })
  })

  it.each([program, socket, browser])('with 503 says when to come back to %j', async (headers) => {
    const answer = await answerTo(new CatamaranError('E_STORE_DOWN', ['redis']), headers)

    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('2')
    expect(answer.text).toContain('The redis session store does not answer')
  })

  it('is a page where a browser asks', async () => {
    const { headers, text } = await answerTo(new CatamaranError('E_BAD_URL'), browser)

    expect(headers.get('content-type')).toMatch(/^text\/html/)
    expect(text).toContain('<p>400</p>')
  })
})

describe('an error of a middleware', () => {
  it.each([
    [400, 'E_BAD_REQUEST'],
    [403, 'E_FORBIDDEN'],
    [404, 'E_NOT_FOUND'],
    [413, 'E_BAD_REQUEST'],
  ])('with status %i that may be shown keeps its message', async (status, code) => {
    const answer = await answerTo(withStatus(status, { expose: true }))

    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.text)).toEqual({ code, message: 'row 7 of db.local' })
  })

  it('of the server is never shown in production', async () => {
    const { text } = await answerTo(withStatus(502, { expose: true }))

    expect(text).not.toContain('db.local')
  })

  it('may say its status as statusCode', async () => {
    const error = Object.assign(new Error('no'), { statusCode: 422 })

    expect((await answerTo(error)).status).toBe(422)
  })

  it.each([
    [404, 'E_NOT_FOUND', 'Not Found'],
    [502, 'E_SERVER', 'Bad Gateway'],
  ])('with status %i keeps its message back in production', async (status, code, message) => {
    const quiet = await answerTo(withStatus(status))
    const loud = await answerTo(withStatus(status), program, development)

    expect([quiet.status, loud.status]).toEqual([status, status])
    expect(JSON.parse(quiet.text)).toEqual({ code, message })
    expect(JSON.parse(loud.text)).toEqual({ code, message: 'row 7 of db.local' })
  })

  it('sets the headers it wants set, but those that cannot be sent', async () => {
    const wanted = {
      'X-Limit': '5',
      'X-Split': 'a\r\nb',
      'no name': '1',
      'Content-Type': ['a', 'b'],
    }
    const error = withStatus(429, { expose: true, headers: wanted })

    const { status, headers, text } = await answerTo(error)

    expect([status, headers.get('x-limit'), headers.has('x-split')]).toEqual([429, '5', false])
    expect(JSON.parse(text)).toHaveProperty('code', 'E_TOO_MANY')
  })

  it.each([['a text'], [5], [null]])('may have headers that are none: %j', async (none) => {
    const { status, headers } = await answerTo(withStatus(418, { headers: none }))

    expect([status, headers.has('0')]).toEqual([418, false])
  })

  it("is told for a body that can't be read", async () => {
    const { url } = await serve((_req, res) => res.ok(), production)

    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...program },
      body: '{',
    })

    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'E_BAD_REQUEST', message: /JSON/ })
  })
})

describe('any other thrown thing', () => {
  const things: [string, unknown][] = [
    ['an error', new Error('db.local is down')],
    ['a text', 'db.local is down'],
    ['nothing', undefined],
    ['null', null],
    ['an object without prototype', Object.create(null)],
    ['a status that is none', withStatus(200)],
    ['a status that is a text', Object.assign(new Error('db.local'), { status: '404' })],
    ['an error that cannot be read', Object.defineProperty({}, 'status', { get: throwing(1) })],
  ]

  it.each(things)('is a 500 that says nothing in production: %s', async (_kind, thing) => {
    const { sent, res } = recorder()

    const status = createErrorAnswer(production)(thing, asked, res)

    expect(status).toBe(500)
    expect(JSON.stringify(sent)).not.toContain('db.local')
  })

  it('says its message, but no stack, to HTTP clients in development', async () => {
    const error = new Error('db.local <is> down')

    const json = await answerTo(error, program, development)
    const page = await answerTo(error, browser, development)

    expect(JSON.parse(json.text)).toEqual({ code: 'E_SERVER', message: 'db.local <is> down' })
    expect(page.text).toContain('db.local &lt;is&gt; down')
    expect(page.text).not.toMatch(/\n\s+at /)
  })

  it('is a plain text over a socket: the stack in development, the status in production', async () => {
    const error = new Error('db.local is down')

    const loud = await answerTo(error, socket, development)
    const quiet = await answerTo(error, socket, production)

    expect(loud.text).toBe(error.stack)
    expect(quiet.text).toBe('Internal Server Error')
  })
})

const asked = { isSocket: false, wantsJSON: true } as Request

/** Stands in for a response where even reading the error may fail. */
function recorder() {
  const sent: unknown[] = []
  const res = {
    req: asked,
    headersSent: false,
    getHeaderNames: () => [],
    status: (status: number) => sent.push(status),
    vary: () => {},
    json: (body: unknown) => sent.push(body),
    destroy: () => sent.push('destroyed'),
  }
  return { sent, res: res as unknown as Response }
}
