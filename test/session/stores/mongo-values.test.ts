import { Binary, Long, ObjectId } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { documents, plainTexts, textOf } from '../../../src/session/stores/mongo-values.ts'

const expires = '2027-01-02T03:04:05.678Z'
const cookie = { originalMaxAge: 1000, expires, httpOnly: true, path: '/' }
const text = JSON.stringify({ cookie, userId: 'ada', at: expires })

/** What connect-mongo's driver writes for that session. */
const stored = {
  cookie: {
    originalMaxAge: 1000,
    partitioned: null,
    priority: null,
    expires: new Date(expires),
    secure: null,
    httpOnly: true,
    domain: null,
    path: '/',
    sameSite: null,
  },
  userId: 'ada',
  at: expires,
}

describe('a session as a document', () => {
  it('has the members of connect-mongo, in their order, and a date as the expiry', () => {
    expect(documents.guess(text)).toEqual(stored)
    expect(JSON.stringify(documents.guess(text))).toBe(JSON.stringify(stored))
  })

  it('gives the same text back', () => {
    expect(textOf(stored)).toBe(text)
  })

  it('adds nothing to a cookie that would change what it means', () => {
    const odd = JSON.stringify({ cookie: { originalMaxAge: null, expires: null } })
    const value = documents.valueOf(odd) as { cookie: object }

    expect(value.cookie).not.toHaveProperty('httpOnly')
    expect(value.cookie).not.toHaveProperty('path')
    expect(textOf({ cookie: { httpOnly: null } })).toBe('{"cookie":{"httpOnly":null}}')
  })

  it.each([
    'no JSON at all',
    '',
    '5',
    '[1]',
    '{"a": 1}',
    '{"a\\u0000b":1}',
    '{"2":1,"1":1, "a":1}',
    '{"cookie":{"path":"/","originalMaxAge":1}}',
    '{"cookie":{"expires":"tomorrow"}}',
    '{"cookie":5}',
    '{"__proto__":{"a":1},"constructor":2}',
    '{"a":{"$b":"$c","d.e":null}}',
  ])('gives any text back: %s', (any) => {
    expect(textOf(documents.valueOf(any))).toBe(any)
  })

  it('keeps what JSON has no type for, where a change leaves it alone', () => {
    const old = {
      cookie: stored.cookie,
      id: new ObjectId(),
      list: [new Date(1), new Date(2)],
      deep: { when: new Date(3), n: 1, big: Long.fromString('9007199254740993') },
      bytes: new Binary(Buffer.from('hi')),
    }
    const before = textOf(old)
    const after = JSON.parse(before)
    after.deep.n = 2
    after.list.push('new')
    after.cookie.expires = '2028-01-01T00:00:00.000Z'
    delete after.bytes

    const value = documents.valueOf(JSON.stringify(after), { value: old, text: before })

    expect(value).toEqual({
      cookie: { ...stored.cookie, expires: new Date('2028-01-01T00:00:00.000Z') },
      id: old.id,
      list: [...old.list, 'new'],
      deep: { ...old.deep, n: 2 },
    })
    expect(textOf(value)).toBe(JSON.stringify(after))
  })

  it('lets a value of another type go when it changed', () => {
    const old = { when: new Date(3) }

    const value = documents.valueOf('{"when":"now"}', { value: old, text: textOf(old) })

    expect(value).toEqual({ when: 'now' })
  })

  it.each([
    [{ a: null }, { a: [1] }],
    [{ a: [1] }, { a: { b: 1 } }],
    [{ a: { b: 1 } }, { a: [1] }],
    [{ a: { b: 1 } }, { a: null }],
  ])('takes what is of another kind than before: %j, %j', (old, after) => {
    const before = { value: old, text: textOf(old) }

    expect(documents.valueOf(JSON.stringify(after), before)).toEqual(after)
  })

  it('stays an object with an expiry that is no date', () => {
    const odd = { cookie: { path: '/', expires: 'tomorrow' } }

    expect(documents.valueOf(JSON.stringify(odd))).toMatchObject(odd)
  })
})

describe('a session as text', () => {
  it('is stored as it is', () => {
    expect(plainTexts.valueOf(text)).toBe(text)
    expect(plainTexts.guess(text)).toBe(text)
  })

  it('is read where an object is stored, too', () => {
    expect(plainTexts.textOf(stored)).toBe(text)
  })
})
