import type { Request, Response } from 'express'
import { describe, expect, it } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'
import { ask, askRaw, chrome } from './ask.ts'

const routes = {
  'GET /user': () => ({ user: 'ada' }),
  'POST /user': () => ({ created: true }),
  'ALL /any': (req: Request) => ({ verb: req.method }),
  'OPTIONS /own': () => 'my own',
  'GET /file/:name': () => 'file',
  'GET /throw': () => {
    throw new Error('<b>secret words</b>')
  },
  'GET /begun': (_req: Request, res: Response) => {
    res.write('begun')
    setTimeout(() => res.destroy(new Error('broken off')), 20)
  },
}
const production = {
  environment: 'production',
  session: { cookie: { secure: true } },
  http: { trustProxy: true },
}

describe('an address nothing answers', () => {
  it('is a page for a browser', async () => {
    const { url } = await liftFiles({}, { routes })

    const { status, headers, body } = await ask(url, '/nowhere', { headers: chrome })

    expect(status).toBe(404)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['vary']).toContain('Accept')
    expect(body).toMatch(/^<!doctype html>.*<h1>Not Found<\/h1>/s)
  })

  it.each([
    ['nothing', {}],
    ['JSON', { accept: 'application/json' }],
    ['anything', { accept: '*/*' }],
    ['a page, by XMLHttpRequest', { ...chrome, 'x-requested-with': 'XMLHttpRequest' }],
  ])('is JSON for who asks for %s', async (_what, headers) => {
    const { url } = await liftFiles({}, { routes })

    const { status, body, headers: answered } = await ask(url, '/nowhere', { headers })

    expect(status).toBe(404)
    expect(answered['content-type']).toBe('application/json; charset=utf-8')
    expect(JSON.parse(body)).toMatchObject({ code: 'E_NOT_FOUND', message: 'Not Found' })
  })

  it('is 404 for the wrong verb, and for verbs nobody knows', async () => {
    const { url } = await liftFiles({}, { routes })

    for (const method of ['DELETE', 'PROPFIND', 'REPORT']) {
      expect((await ask(url, '/user', { method })).status).toBe(404)
    }
  })

  it('is 400 where it can’t be decoded', async () => {
    const { url } = await liftFiles({}, { routes })

    const { status, body } = await ask(url, '/file/%zz')

    expect(status).toBe(400)
    expect(JSON.parse(body)).toMatchObject({ code: 'E_BAD_URL' })
  })
})

describe('an action that fails', () => {
  it('is a page for a browser, with its words and without markup of its own', async () => {
    const { url } = await liftFiles({}, { routes })

    const { status, body } = await ask(url, '/throw', { headers: chrome })

    expect(status).toBe(500)
    expect(body).toContain('&lt;b&gt;secret words&lt;/b&gt;')
    expect(body).not.toContain('<b>')
  })

  it('is JSON for a program', async () => {
    const { url } = await liftFiles({}, { routes })

    const { status, body } = await ask(url, '/throw')

    expect(status).toBe(500)
    expect(JSON.parse(body)).toEqual({ code: 'E_SERVER', message: '<b>secret words</b>' })
  })

  it.each([chrome, {}])('says nothing of itself in production', async (headers) => {
    const { url } = await liftFiles({}, { routes, ...production })

    const { status, body } = await ask(url, '/throw', { headers })

    expect(status).toBe(500)
    expect(body).toContain('Internal Server Error')
    expect(body).not.toMatch(/secret words|answers\.test|\bat |node_modules|\/src\//)
  })

  it('breaks the connection when half of its answer is out', async () => {
    const { url } = await liftFiles({}, { routes })

    const answer = await askRaw(url, 'GET /begun HTTP/1.1\r\nHost: a\r\n\r\n')

    expect(answer).toContain('begun')
    expect(answer).not.toMatch(/\r\n0\r\n\r\n$/)
  })
})

describe('HEAD', () => {
  it('is served by the GET route, without a body', async () => {
    const { url } = await liftFiles({}, { routes })

    const get = await ask(url, '/user')
    const head = await ask(url, '/user', { method: 'HEAD' })

    expect(head).toMatchObject({ status: 200, body: '' })
    expect(head.headers['content-length']).toBe(get.headers['content-length'])
    expect((await ask(url, '/nowhere', { method: 'HEAD' })).status).toBe(404)
  })
})

describe('OPTIONS', () => {
  it.each([
    ['/user', 'GET, HEAD, POST'],
    ['/file/a', 'GET, HEAD'],
    ['/any', undefined],
  ])('says what %s answers', async (path, allow) => {
    const { url } = await liftFiles({}, { routes })

    const { status, headers } = await ask(url, path, { method: 'OPTIONS' })

    expect([status, headers.allow]).toEqual([200, allow])
  })

  it('is 404 where there is nothing, and an action where the app wrote one', async () => {
    const { url } = await liftFiles({}, { routes })

    expect((await ask(url, '/nowhere', { method: 'OPTIONS' })).status).toBe(404)
    expect((await ask(url, '/own', { method: 'OPTIONS' })).body).toBe('my own')
  })
})

describe('a guarded action', () => {
  const files = {
    'api/controllers/admin.js': `export default () => 'treasure'`,
    'api/policies/nobody.js': `export default (req, res) => res.forbidden()`,
  }
  const guarded = {
    routes: { 'GET /admin': 'admin', 'GET /admin/:id': 'admin' },
    policies: { admin: 'nobody' },
  }

  const spellings = [
    ...['/admin', '/admin/', '/ADMIN', '/Admin/', '//admin', '/admin//', '/./admin', '/x/../admin'],
    ...['/%61dmin', '/admin%2f', '/admin%20', '/admin?x', '/admin;x', '/admin/1', '/admin/%31'],
    ...['/admin.json', '/admin/1.json', '/admin%00', '/admin#x', '/.//admin', '/admin/..%2f'],
  ]

  it.each(spellings)('is guarded however it is spelt: %s', async (path) => {
    const { url } = await liftFiles(files, guarded)

    const { status, body } = await ask(url, path)

    expect([400, 403, 404]).toContain(status)
    expect(body).not.toContain('treasure')
  })
})
