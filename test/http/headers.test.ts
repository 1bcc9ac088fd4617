import { describe, expect, it } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'
import { ask, askRaw, chrome } from './ask.ts'

const files = { 'assets/a.txt': 'a' }
const routes = {
  'GET /id': (req: { id: string }) => ({ id: req.id }),
  'GET /throw': () => {
    throw new Error('no')
  },
}
const policy = 'content-security-policy'

describe('every answer', () => {
  const paths = ['/a.txt', '/id', '/missing', '/throw', '/health/live', '/%zz', '/missing.png']

  it.each(paths)('has a request id and the headers browsers go by: %s', async (path) => {
    const { url } = await liftFiles(files, { routes })

    const { headers } = await ask(url, path, { headers: chrome })

    expect(headers).toMatchObject({
      'x-request-id': expect.stringMatching(/^[\da-f-]{36}$/),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
      [policy]: expect.stringContaining("object-src 'none'"),
    })
    expect(headers).not.toHaveProperty('x-powered-by')
  })

  it('has an id of its own, which the action knows too', async () => {
    const { url } = await liftFiles(files, { routes })

    const answers = [await ask(url, '/id'), await ask(url, '/id')]

    const ids = answers.map(({ headers }) => headers['x-request-id'])
    expect(new Set(ids).size).toBe(2)
    expect(answers.map(({ body }) => JSON.parse(body).id)).toEqual(ids)
  })
})

describe('the content security policy', () => {
  it('does not send a page of plain http to https', async () => {
    const { url } = await liftFiles(files)

    const { headers } = await ask(url, '/')

    expect(headers[policy]).not.toContain('upgrade-insecure-requests')
  })

  it('does not either when the app adds a directive of its own', async () => {
    const directives = { imgSrc: ["'self'", 'https://img.example'] }
    const { url } = await liftFiles(files, {
      security: { helmet: { contentSecurityPolicy: { directives } } },
    })

    const { headers } = await ask(url, '/')

    expect(headers[policy]).toContain("img-src 'self' https://img.example")
    expect(headers[policy]).not.toContain('upgrade-insecure-requests')
  })

  it.each(['upgradeInsecureRequests', 'upgrade-insecure-requests'])(
    'does so where the app says it: %s',
    async (name) => {
      const contentSecurityPolicy = { directives: { [name]: [] } }
      const { url } = await liftFiles(files, { security: { helmet: { contentSecurityPolicy } } })

      const { headers } = await ask(url, '/')

      expect(headers[policy]).toContain('upgrade-insecure-requests')
    },
  )

  it('can be left out alone', async () => {
    const { url } = await liftFiles(files, {
      security: { helmet: { contentSecurityPolicy: false } },
    })

    const { headers } = await ask(url, '/')

    expect(headers).not.toHaveProperty(policy)
    expect(headers).toHaveProperty('x-content-type-options')
  })
})

describe('config/security', () => {
  it('gives helmet its options', async () => {
    const helmet = { xFrameOptions: { action: 'deny' }, referrerPolicy: false }
    const { url } = await liftFiles(files, { security: { helmet } })

    const { headers } = await ask(url, '/')

    expect(headers['x-frame-options']).toBe('DENY')
    expect(headers).not.toHaveProperty('referrer-policy')
  })

  it('turns the security headers off', async () => {
    const { url } = await liftFiles(files, { security: { helmet: false } })

    const { headers } = await ask(url, '/a.txt')

    expect(headers).not.toHaveProperty(policy)
    expect(headers).not.toHaveProperty('x-content-type-options')
  })
})

describe('the server', () => {
  it('answers a header named __proto__ like any other', async () => {
    const { url } = await liftFiles(files, { routes })

    const answer = await askRaw(
      url,
      'GET /id HTTP/1.1\r\nHost: a\r\n__proto__: x\r\nConnection: close\r\n\r\n',
    )

    expect(answer).toMatch(/^HTTP\/1.1 200 /)
  })

  it('answers 431 to more headers than fit', async () => {
    const { url } = await liftFiles(files, { routes })

    const large = await ask(url, '/id', { headers: { cookie: 'a'.repeat(17_000) } })
    const fits = await ask(url, '/id', { headers: { cookie: 'a'.repeat(15_000) } })

    expect([large.status, fits.status]).toEqual([431, 200])
  })

  it.each([
    ['two lengths', 'Content-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['length and chunks', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a folded header', 'X-A: 1\r\n 2\r\n\r\n'],
  ])('refuses %s', async (_what, rest) => {
    const { url } = await liftFiles(files, { routes })

    const answer = await askRaw(url, `POST /id HTTP/1.1\r\nHost: a\r\n${rest}`)

    expect(answer).toMatch(/^HTTP\/1.1 400 /)
    expect(answer.match(/HTTP\/1.1/g)).toHaveLength(1)
  })
})

describe('an answer of an action', () => {
  type Res = { redirect(to: string): unknown; set(name: string, value: string): unknown }

  it.each(['/x\r\nSet-Cookie: a=b', '/x\nA: b', '/x\0', '/\u010d\u010aSet-Cookie: a=b', '/ü'])(
    'never carries a header that a redirect smuggled in: %j',
    async (to) => {
      const { url } = await liftFiles(files, {
        routes: { 'GET /': (_req: unknown, res: Res) => res.redirect(to) },
      })

      const { status, headers } = await ask(url, '/')

      expect([302, 500]).toContain(status)
      expect(headers).not.toHaveProperty('set-cookie')
      expect(headers).not.toHaveProperty('a')
    },
  )

  it.each(['a\r\nb: c', 'a\nb: c', 'a\0', 'a\u010db'])(
    'is 500 for a header that is none: %j',
    async (value) => {
      const { url } = await liftFiles(files, {
        routes: {
          'GET /': (_req: unknown, res: Res) => {
            res.set('X-A', value)
            return 'done'
          },
        },
      })

      expect((await ask(url, '/')).status).toBe(500)
    },
  )
})
