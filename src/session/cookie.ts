/**
 * Session ids: how they are made, signed and read back from a cookie header.
 * The cookie's value is express-session's: `s:` + id + `.` + HMAC-SHA256, so that cookies of Sails and
 * express-session are honoured and ours by them. Knows nothing of stores.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6265#section-4.2 for the header that is read
 */
import type { KeyObject } from 'node:crypto'
import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from '../builtin.ts'

/** What signs a cookie. */
export type Secret = string | NodeJS.ArrayBufferView | KeyObject

/** An id that came with a proper signature. */
export interface SignedId {
  readonly id: string
  /** Signed by a secret that is no longer the first: sign it again with the next answer. */
  readonly stale: boolean
}

export interface Signer {
  /** The cookie's value before encoding: `s:id.signature`. */
  sign(id: string): string
  /** The properly signed ids among the cookies of our name, in the order they were sent. */
  idsIn(header: string | undefined): readonly SignedId[]
}

/** More cookies of one name than this are not tried: someone is guessing. */
const mostTries = 5
/** Verified values that are remembered: checking a signature is the largest cost of a read. */
const mostRemembered = 10_000
/** Characters of a whole header that is remembered: a browser sends the same one again and again. */
const longestRemembered = 1_000

/** 192 random bits, as express-session makes them. */
export function createId(): string {
  return randomBytes(24).toString('base64url')
}

/**
 * Makes the signer of one cookie name.
 *
 * @param secrets - the first signs, all verify
 */
export function createSigner(name: string, secrets: readonly [Secret, ...Secret[]]): Signer {
  // Key objects, since Node takes many times as long to begin with a key's text.
  const keys = secrets.map(keyOf) as [KeyObject]
  const remembered = new Map<string, SignedId>()
  const headers = new Map<string, readonly SignedId[]>()
  const prefix = `${name}=`

  function idsIn(header: string | undefined): readonly SignedId[] {
    if (!header) return []
    const known = headers.get(header)
    if (known) return known
    const found = valuesOf(header, prefix).flatMap((value) => verified(value) ?? [])
    if (found.length > 0 && header.length <= longestRemembered) {
      if (headers.size >= mostRemembered) headers.clear()
      headers.set(header, found)
    }
    return found
  }

  function verified(value: string): SignedId | undefined {
    const known = remembered.get(value)
    if (known) return known
    const found = verify(value, keys)
    if (found) {
      if (remembered.size >= mostRemembered) remembered.clear()
      // A copy: what is cut out of a header keeps all of it in memory.
      remembered.set(Buffer.from(value).toString(), found)
    }
    return found
  }

  return { idsIn, sign: (id) => `s:${id}.${signatureOf(id, keys[0])}` }
}

function keyOf(secret: Secret): KeyObject {
  if (typeof secret === 'string') return createSecretKey(secret, 'utf8')
  return ArrayBuffer.isView(secret) ? createSecretKey(secret) : secret
}

function valuesOf(header: string, prefix: string): string[] {
  const values: string[] = []
  let at = header.indexOf(prefix)
  while (at >= 0 && values.length < mostTries) {
    const end = header.indexOf(';', at)
    const next = end < 0 ? header.length : end
    if (beginsPair(header, at)) {
      values.push(unquote(header.slice(at + prefix.length, next).trim()))
      at = header.indexOf(prefix, next)
    } else {
      at = header.indexOf(prefix, at + 1)
    }
  }
  return values
}

/** Whether nothing but white space stands between this place and the pair before; names may end alike. */
function beginsPair(header: string, at: number): boolean {
  let before = at - 1
  while (header[before] === ' ' || header[before] === '\t') before -= 1
  return before < 0 || header[before] === ';'
}

function unquote(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text
}

function verify(value: string, keys: readonly KeyObject[]): SignedId | undefined {
  const text = decode(value)
  if (!text?.startsWith('s:')) return undefined
  const dot = text.lastIndexOf('.')
  const id = text.slice(2, dot)
  if (dot < 2 || id === '') return undefined
  const given = Buffer.from(text.slice(dot + 1))
  const index = keys.findIndex((key) => same(given, Buffer.from(signatureOf(id, key))))
  return index < 0 ? undefined : { id, stale: index > 0 }
}

function signatureOf(id: string, key: KeyObject): string {
  return createHmac('sha256', key).update(id).digest('base64').replace(/=+$/, '')
}

function same(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}
