import express, { type Response } from 'express'
import { describe, expect, it } from 'vitest'
import { CatamaranError } from '../../src/errors.ts'
import { installRequest } from '../../src/routing/requests.ts'
import { installResponses, type ResponseName, responseNames } from '../../src/routing/responses.ts'
import { browser, program, serve, socket } from './server.ts'

const table: readonly [ResponseName, number, string, string | undefined][] = [
  ['ok', 200, 'OK', undefined],
  ['created', 201, 'Created', undefined],
  ['badRequest', 400, 'Bad Request', 'E_BAD_REQUEST'],
  ['unauthorized', 401, 'Unauthorized', 'E_UNAUTHORIZED'],
  ['forbidden', 403, 'Forbidden', 'E_FORBIDDEN'],
  ['notFound', 404, 'Not Found', 'E_NOT_FOUND'],
  ['conflict', 409, 'Conflict', 'E_CONFLICT'],
  ['serverError', 500, 'Internal Server Error', 'E_SERVER'],
]
const production = { production: true }
const development = { production: false }

describe.each(table)('res.%s()', (name, status, text, code) => {
  it('has the plain status text as body over a socket', async () => {
    const { get } = await serve((_req, res) => res[name](), production)

    const answer = await get(socket)

    expect(answer.status).toBe(status)
    expect(await answer.text()).toBe(text)
  })

  it('has a code and a message over HTTP', async () => {
    const { get } = await serve((_req, res) => res[name](), production)

    const answer = await get(program)

    expect(answer.status).toBe(status)
    expect(await answer.text()).toBe(code ? JSON.stringify({ code, message: text }) : text)
  })

  it('sends the data it was given, as JSON or as text', async () => {
    const json = await serve((_req, res) => res[name]({ field: 'email' }), development)
    const plain = await serve((_req, res) => res[name]('<b>mind</b>'), development)

    const [object, words] = await Promise.all([json.get(browser), plain.get(browser)])

    expect([object.status, words.status]).toEqual([status, status])
    expect(await object.json()).toEqual({ field: 'email' })
    expect(words.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(await words.text()).toBe('<b>mind</b>')
  })

  it('gives the response back', async () => {
    const { get } = await serve((_req, res) => {
      if (res[name]() !== res) throw new Error('it gives something else')
    }, production)

    expect((await get(program)).status).toBe(status)
  })
})

describe('the standard responses', () => {
  it('are those of the table', () => {
    expect([...responseNames].sort()).toEqual(table.map(([name]) => name).sort())
  })

  it('are a page where a browser asks', async () => {
    const { get } = await serve((_req, res) => res.notFound(), production)

    const answer = await get(browser)

    expect(answer.headers.get('content-type')).toMatch(/^text\/html/)
    expect(answer.headers.get('vary')).toContain('Accept')
    expect(await answer.text()).toMatch(/<h1>Not Found<\/h1>/)
  })

  it('say what to do in development only', async () => {
    const loud = await serve((_req, res) => res.notFound(), development)
    const quiet = await serve((_req, res) => res.notFound(), production)

    expect(await (await loud.get(program)).json()).toHaveProperty('hint')
    expect(await (await quiet.get(program)).json()).not.toHaveProperty('hint')
  })

  it('send null as null', async () => {
    const { get } = await serve((_req, res) => res.ok(null))

    expect(await (await get()).text()).toBe('null')
  })

  it('belong to one app', () => {
    const [one, other] = [express(), express()]

    installRequest(one.request)
    installResponses(one.response, development)

    expect(one.response.ok).toBeTypeOf('function')
    expect(other.response.ok).toBeUndefined()
    expect(other.request.allParams).toBeUndefined()
  })
})

describe('an error given to a standard response', () => {
  const own = (_req: unknown, res: Response) =>
    res.badRequest(new CatamaranError('E_SESSION_ENDED'))
  const plain = (_req: unknown, res: Response) => res.conflict(new Error('row 7 of db.local'))
  const server = (_req: unknown, res: Response) => res.serverError(new Error('db.local is down'))

  it('says its code and message when it is ours', async () => {
    const answer = await (await serve(own, production)).get(socket)

    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({
      code: 'E_SESSION_ENDED',
      message: 'This session has ended',
    })
  })

  it('says its message in development only when it is not', async () => {
    const loud = await (await serve(plain, development)).get(program)
    const quiet = await (await serve(plain, production)).get(program)

    expect(loud.status).toBe(409)
    expect(await loud.json()).toEqual({ code: 'E_CONFLICT', message: 'row 7 of db.local' })
    expect(await quiet.json()).toEqual({ code: 'E_CONFLICT', message: 'Conflict' })
  })

  it('shows its stack over a socket in development', async () => {
    const answer = await (await serve(server, development)).get(socket)

    expect(answer.status).toBe(500)
    expect(await answer.text()).toMatch(/^Error: db\.local is down\n\s+at /)
  })

  it.each([socket, program, browser])(
    'shows nothing of itself in production to %j',
    async (headers) => {
      const answer = await (await serve(server, production)).get(headers)

      expect(answer.status).toBe(500)
      expect(await answer.text()).not.toMatch(/db\.local|\bat /)
    },
  )

  it('shows no stack over HTTP, nor any data in production', async () => {
    const loud = await (await serve(server, development)).get(program)
    const data = await (await serve((_req, res) => res.serverError({ row: 7 }), production)).get()

    expect(await loud.json()).toEqual({ code: 'E_SERVER', message: 'db.local is down' })
    expect(await data.json()).toEqual({ code: 'E_SERVER', message: 'Internal Server Error' })
  })
})

describe('an error that says its own JSON', () => {
  const telling = () =>
    Object.assign(new Error('no'), { toJSON: () => ({ headers: { authorization: 'secret' } }) })

  it('is answered with it in the Sails profile, but not in production', async () => {
    const open = await serve((_req, res) => res.badRequest(telling()), {
      production: false,
      sails: true,
    })
    const shut = await serve((_req, res) => res.badRequest(telling()), {
      production: true,
      sails: true,
    })

    expect(await (await open.get(program)).text()).toContain('secret')
    const answer = await shut.get(program)
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { code: 'E_BAD_REQUEST', message: 'Bad Request' },
    ])
  })
})
