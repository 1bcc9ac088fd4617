import { describe, expect, it } from 'vitest'
import { type Files, liftFiles } from '../support/lift-files.ts'

const files: Files = {
  'config/routes.mjs': `
    const seen = (req) => ({ url: req.url, id: req.sessionID })
    export default {
      '/see': seen,
      '/see/:id': seen,
      'GET /only': () => 'got',
      'GET /free': { fn: (req) => ({ session: req.session === undefined }), session: false },
    }`,
}

describe('the path of a virtual request', () => {
  it.each([
    ['http://elsewhere.example:99/see/1?q=2', '/see/1?q=2'],
    ['https://user@[::1]/see', '/see'],
  ])('routes the absolute %s by its path', async (url, path) => {
    const app = await liftFiles(files)

    expect((await app.browser().emit(`GET ${url}`)).body).toMatchObject({ url: path })
  })

  it.each([
    ['an unknown path', 'GET /nowhere'],
    ['another verb', 'POST /only'],
    ['a path without slash', 'GET only'],
    ['a longer path', 'GET /only/more'],
    ['an address of elsewhere', 'GET //evil.example/only'],
  ])('gets 404 for %s', async (_, request) => {
    const app = await liftFiles(files)

    expect(await app.browser().emit(request)).toMatchObject({
      statusCode: 404,
      body: 'Not Found',
    })
  })

  it('gets 400 for a path that cannot be decoded', async () => {
    const app = await liftFiles(files)

    const { statusCode, body } = await app.browser().emit('GET /see/%E0%A4%A')

    expect({ statusCode, body }).toMatchObject({ statusCode: 400, body: { code: 'E_BAD_URL' } })
  })

  it('has no session on a route without one', async () => {
    const app = await liftFiles(files)

    expect((await app.browser().emit('GET /free')).body).toEqual({ session: true })
  })

  it('has no session where isSessionDisabled says so', async () => {
    const isSessionDisabled = (req: { path: string }) => req.path.startsWith('/see')
    const app = await liftFiles(files, { session: { isSessionDisabled } })
    const browser = app.browser()

    const [without, with_] = [await browser.emit('GET /see'), await browser.emit('GET /only')]

    expect(without.body).not.toHaveProperty('id')
    expect(with_.statusCode).toBe(200)
  })
})
