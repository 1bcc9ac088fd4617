import type { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { createCookies } from '../../src/session/cookies.ts'

const { sign } = createRequire(import.meta.url)('cookie-signature')

interface WithCookies extends IncomingMessage {
  cookies: Record<string, unknown>
  signedCookies: Record<string, unknown>
  secret: string
}

function requestWith(cookie: string | undefined, secrets = ['new', 'old']): WithCookies {
  const request = { headers: { cookie } } as WithCookies
  createCookies(secrets)(request)
  return request
}

const signed = (value: string, secret: string) => encodeURIComponent(`s:${sign(value, secret)}`)

describe('the cookies of a request', () => {
  it('are parsed as cookie-parser does', () => {
    const { cookies, signedCookies } = requestWith(
      `a=1; b=j%3A%7B%22c%22%3A2%7D; d=${signed('new one', 'new')}; e=${signed('old one', 'old')}; f=${signed('no', 'x')}`,
    )

    expect(cookies).toEqual({ a: '1', b: { c: 2 } })
    expect(signedCookies).toEqual({ d: 'new one', e: 'old one', f: false })
  })

  it('are none without a header', () => {
    const { cookies, signedCookies, secret } = requestWith(undefined)

    expect([{ ...cookies }, { ...signedCookies }, secret]).toEqual([{}, {}, 'new'])
  })

  it('are parsed once, when they are first asked for', () => {
    const request = requestWith('a=1')

    request.headers.cookie = 'a=2'
    const { cookies } = request
    request.headers.cookie = 'a=3'

    expect(cookies).toEqual({ a: '2' })
    expect(request.cookies).toBe(cookies)
  })

  it('can be replaced by other middleware', () => {
    const request = requestWith('a=1')

    request.cookies = { own: true }

    expect(request.cookies).toEqual({ own: true })
    expect(request.signedCookies).toEqual({})
  })

  it('of one request are not those of another', () => {
    const attach = createCookies(['secret'])
    const [one, two] = ['a=1', 'a=2'].map((cookie) => {
      const request = { headers: { cookie } } as WithCookies
      attach(request)
      return request
    })

    expect([one?.cookies, two?.cookies]).toEqual([{ a: '1' }, { a: '2' }])
  })
})
