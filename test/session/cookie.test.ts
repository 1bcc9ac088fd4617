import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createId, createSigner } from '../../src/session/cookie.ts'

const { idsIn, sign } = createSigner('connect.sid', ['keyboard cat'])
const idOf = (header: string) => idsIn(header).map(({ id }) => id)
const pairOf = (id: string) => `connect.sid=${encodeURIComponent(sign(id))}`

describe('a signed cookie', () => {
  // What express-session's own tests expect of the secret `keyboard cat`.
  const vectors = [
    ['apple', 's%3Aapple.D8Y%2BpkTAmeR0PobOhY4G97PRW%2Bj7bUnP%2F5m6%2FOn1MCU'],
    ['%', 's%3A%25.kzQ6x52kKVdF35Qh62AWk4ZekS28K5XYCXKa%2FOTZ01g'],
    ['/foo', 's%3A%2Ffoo.paEKBtAHbV5s1IB8B2zPnzAgYmmnRPIqObW4VRYj%2FMQ'],
  ] as const

  it.each(vectors)('is written for %s as express-session writes it', (id, value) => {
    expect(encodeURIComponent(sign(id))).toBe(value)
  })

  it.each(vectors)('is read for %s as express-session reads it', (id, value) => {
    expect(idsIn(`connect.sid=${value}`)).toEqual([{ id, stale: false }])
  })

  it('made by express-session itself is honoured, and ours by it', async () => {
    const { url, requests } = await startExpressSession()

    const answer = await fetch(url)
    const theirs = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const [own] = requests
    await fetch(url, { headers: { Cookie: pairOf(own ?? '') } })

    expect(idOf(theirs)).toEqual([own])
    expect(requests[1]).toBe(own)
  })

  it('counts only as it is: no character may differ', () => {
    const value = sign('apple')
    const others = [...value].flatMap((character, index) => {
      const changed = value.slice(0, index) + (character === 'x' ? 'y' : 'x')
      const shortened = value.slice(0, index)
      return [
        changed + value.slice(index + 1),
        shortened + value.slice(index + 1),
        `${shortened}x${value.slice(index)}`,
      ]
    })

    const accepted = others.filter((other) => idOf(`connect.sid=${encodeURIComponent(other)}`)[0])

    expect(accepted).toEqual([])
  })

  it('keeps dots within the id', () => {
    expect(idOf(pairOf('a.b.c'))).toEqual(['a.b.c'])
  })

  it.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['an empty value', 'connect.sid='],
    ['a value without s:', `connect.sid=${encodeURIComponent(sign('apple').slice(2))}`],
    ['a value without a dot', 'connect.sid=s%3Aapple'],
    ['an empty id', `connect.sid=${encodeURIComponent(sign(''))}`],
    ['an empty signature', 'connect.sid=s%3Aapple.'],
    ['a percent sign that encodes nothing', 'connect.sid=s%3Aapple.%E0%A4%A'],
    ['an open quote', `connect.sid="${encodeURIComponent(sign('apple'))}`],
    ['another name', `x${pairOf('apple')}`],
    ['another case', pairOf('apple').toUpperCase()],
  ])('is not seen in %s', (_, header) => {
    expect(idsIn(header)).toEqual([])
  })

  it.each([
    ['quotes', (value: string) => `connect.sid="${value}"`],
    ['no space after the semicolon', (value: string) => `a=1;connect.sid=${value};b=2`],
    ['many spaces', (value: string) => `a=1;   connect.sid=  ${value}  ; b=2`],
    ['broken neighbours', (value: string) => `%; =; ;;a; "; connect.sid=${value}; é=ü`],
    ['nothing encoded', (value: string) => `connect.sid=${decodeURIComponent(value)}`],
  ])('is found with %s', (_, headerOf) => {
    expect(idOf(headerOf(encodeURIComponent(sign('apple'))))).toEqual(['apple'])
  })
})

describe('several cookies of one name', () => {
  const forged = 'connect.sid=s%3Aapple.forged'

  it.each([
    [[forged, pairOf('a')]],
    [[pairOf('a'), forged]],
    [[forged, 'connect.sid=', pairOf('a'), forged]],
  ])('leave the properly signed one: %#', (pairs) => {
    expect(idOf(pairs.join('; '))).toEqual(['a'])
  })

  it('are given in the order they were sent', () => {
    expect(idOf([pairOf('b'), pairOf('a')].join('; '))).toEqual(['b', 'a'])
  })

  it('are tried five times at most', () => {
    const last = (bad: number) => [...Array<string>(bad).fill(forged), pairOf('a')].join('; ')

    expect([idOf(last(4)), idOf(last(5))]).toEqual([['a'], []])
  })
})

describe('several secrets', () => {
  const old = createSigner('sid', ['old'])
  const both = createSigner('sid', ['new', 'old'])
  const header = (value: string) => `sid=${encodeURIComponent(value)}`

  it('sign with the first', () => {
    expect(both.sign('x')).toBe(createSigner('sid', ['new']).sign('x'))
  })

  it('honour an old signature, and say that it is stale', () => {
    expect(both.idsIn(header(old.sign('x')))).toEqual([{ id: 'x', stale: true }])
    expect(both.idsIn(header(both.sign('x')))).toEqual([{ id: 'x', stale: false }])
  })

  it('still say so when the value is remembered', () => {
    both.idsIn(header(old.sign('y')))

    expect(both.idsIn(header(old.sign('y')))).toEqual([{ id: 'y', stale: true }])
  })

  it('do not honour one that was removed', () => {
    expect(createSigner('sid', ['new']).idsIn(header(old.sign('x')))).toEqual([])
  })
})

describe('an id', () => {
  it('has 32 characters that need no encoding, and never comes twice', () => {
    const ids = Array.from({ length: 1000 }, createId)

    expect(ids.filter((id) => !/^[\w-]{32}$/.test(id))).toEqual([])
    expect(new Set(ids).size).toBe(1000)
  })
})

/** The real express-session; tells the ids of the requests it saw. */
async function startExpressSession() {
  // Its own types would claim `req.session` for the whole project.
  const session = createRequire(import.meta.url)('express-session')
  const requests: string[] = []
  const open = session({ secret: 'keyboard cat', resave: false, saveUninitialized: true })
  const server = createServer((req, res) => {
    open(req, res, () => {
      requests.push(Reflect.get(req, 'sessionID'))
      res.end()
    })
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}
