import { describe, expect, it, vi } from 'vitest'
import { createSigner } from '../../src/session/cookie.ts'
import type { CookieOptions } from '../../src/session/dropin-options.ts'
import {
  attributesFor,
  createIds,
  type DropInRequest,
  isUnder,
} from '../../src/session/dropin-request.ts'

const signer = createSigner('sid', ['cat'])
const signed = signer.sign('a')
const requestOf = (fields: object) => ({ headers: {}, ...fields }) as DropInRequest

describe('the attributes of a cookie', () => {
  it.each<[CookieOptions, boolean, CookieOptions]>([
    [{ secure: 'auto', sameSite: 'strict' }, true, { secure: true, sameSite: 'strict' }],
    [{ secure: 'auto', sameSite: 'strict' }, false, { secure: false, sameSite: 'strict' }],
    [{ secure: false, sameSite: 'auto' }, true, { secure: false, sameSite: 'none' }],
    [{ secure: true, sameSite: 'auto' }, false, { secure: true, sameSite: 'lax' }],
  ])('%j where the request is secure, %s: become %j', (given, isSecure, resolved) => {
    const { secure, sameSite } = attributesFor(given, () => isSecure)

    expect({ secure, sameSite }).toEqual(resolved)
  })

  it('are taken as they are, and nothing is asked, where none is auto', () => {
    const given = { secure: true, sameSite: 'lax' } as const
    const asked = vi.fn()

    expect(attributesFor(given, asked)).toBe(given)
    expect(asked).not.toHaveBeenCalled()
  })
})

describe('an address', () => {
  it.each<[string, string, boolean]>([
    ['/', '/any', true],
    ['/', '', true],
    ['/', 'http://host/any', true],
    ['/', '*', false],
    ['/app', '/app?page=2', true],
    ['/app', '/application', true],
    ['/app', '/other', false],
    ['/app', '', false],
    ['/app/in', '/app?/in', false],
    ['/app/in', '/app#/in', false],
    ['/app', 'http://host/app', true],
    ['/app', 'http://host/?/app', false],
    ['/app', '/?/app', false],
  ])('is under %s or not: %s %s', (path, url, isThere) => {
    expect(isUnder(path, requestOf({ url }))).toBe(isThere)
  })

  it('is looked at as it was before any mounting', () => {
    expect(isUnder('/app', requestOf({ originalUrl: '/app/x', url: '/x' }))).toBe(true)
    expect(isUnder('/app', requestOf({ originalUrl: '/x', url: '/app/x' }))).toBe(false)
    expect(isUnder('/', requestOf({ url: undefined }))).toBe(true)
  })
})

describe('the ids a request brings', () => {
  const idsOf = (fields: object) => {
    const deprecate = vi.fn()
    const found = createIds('sid', deprecate)(requestOf(fields), signer)
    return { ids: found.map(({ id }) => id), isOld: deprecate.mock.calls.length === 1, found }
  }

  it('are those of the header, before all that cookie-parser has read', () => {
    const cookie = `sid=${encodeURIComponent(signed)}`
    const read = { cookies: { sid: signer.sign('b') }, signedCookies: { sid: 'c' } }

    expect(idsOf({ headers: { cookie }, ...read })).toMatchObject({ ids: ['a'], isOld: false })
  })

  it('are else what cookie-parser has verified, which is signed by no older secret', () => {
    const { found, isOld } = idsOf({ signedCookies: { sid: 'c' }, cookies: { sid: signed } })

    expect([found, isOld]).toEqual([[{ id: 'c', stale: false }], true])
  })

  it.each([undefined, '', false, { id: 'c' }])(
    'are else what it has read: %j is none',
    (verified) => {
      const { ids, isOld } = idsOf({ signedCookies: { sid: verified }, cookies: { sid: signed } })

      expect([ids, isOld]).toEqual([['a'], true])
    },
  )

  it('may hold what a cookie would write otherwise', () => {
    expect(idsOf({ cookies: { sid: signer.sign('a%41;') } }).ids).toEqual(['a%41;'])
  })

  it.each<[string, object]>([
    ['cookie-parser is not there', {}],
    ['it has read nothing', { cookies: {} }],
    ['it has read an object', { cookies: { sid: { id: 'a' } } }],
    ['it has read a badly signed one', { cookies: { sid: `${signed}x` } }],
  ])('are none where %s', (_, fields) => {
    expect(idsOf(fields)).toMatchObject({ ids: [], isOld: false })
  })
})
