/**
 * The cookie of `sess`: the bare id under a name. Reads it from a request and writes its line.
 */
import { randomInt } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export interface SessCookieOptions {
  /** Wins over `key`. */
  name?: string
  path?: string
  domain?: string
  /** **Seconds**. */
  maxAge?: number
  expires?: Date
  httpOnly?: boolean
  /** Over plain http there is neither cookie nor save. */
  secure?: boolean
  sameSite?: 'lax' | 'strict' | 'none'
  encode?: (id: string) => string
  /** `Set-Cookie` on every answer that has a session. */
  alwaysSet?: boolean
}

/** What `req.href` holds: the address of a request, taken apart. */
export interface Href {
  readonly protocol: 'http:' | 'https:'
  readonly auth: string | null
  readonly host: string
  readonly hostname: string
  readonly port: string | null
  readonly search: string | null
  readonly query: string | null
  readonly pathname: string
  readonly path: string
  readonly href: string
  toString(): string
}

/** More cookies of one name than this are not tried: someone is guessing. */
const mostTries = 5
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** 32 letters and digits, as sess's ids look; all of them random. */
export function createSessId(): string {
  return Array.from({ length: 32 }, () => alphabet[randomInt(alphabet.length)]).join('')
}

/** The ids a request brings, in the order they were sent. */
export function idsIn(header: string | undefined, name: string): string[] {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim())
  const ours = pairs.filter((pair) => pair.slice(0, pair.indexOf('=')).trim() === name)
  const values = ours.map((pair) => decode(unquote(pair.slice(pair.indexOf('=') + 1).trim())))
  return values.filter((value) => value !== '').slice(0, mostTries)
}

/** @throws {TypeError} for what can't stand in a cookie */
export function lineOf(name: string, id: string, options: SessCookieOptions): string {
  const { maxAge, domain, path, expires, httpOnly, secure, sameSite } = options
  const { encode = encodeURIComponent } = options
  if (maxAge !== undefined && Number.isNaN(Number(maxAge))) {
    throw new TypeError('maxAge should be a Number')
  }
  const parts = [
    `${name}=${encode(id)}`,
    maxAge !== undefined && maxAge !== null && `Max-Age=${Math.floor(Number(maxAge))}`,
    domain && `Domain=${domain}`,
    path && `Path=${path}`,
    expires && `Expires=${expires.toUTCString()}`,
    httpOnly && 'HttpOnly',
    secure && 'Secure',
    sameSite && `SameSite=${sameSite[0]?.toUpperCase()}${sameSite.slice(1)}`,
  ]
  return parts.filter(Boolean).join('; ')
}

/** The address of a request; `X-Forwarded-Proto` is believed, as sess does. */
export function hrefOf({ url = '/', headers, socket }: IncomingMessage): Href {
  const forwarded = /^https/i.test(String(headers['x-forwarded-proto'] ?? ''))
  const protocol = forwarded || 'encrypted' in socket ? 'https:' : 'http:'
  const [path = '/'] = url.split('#')
  const at = path.indexOf('?')
  const [pathname, search] = at < 0 ? [path, null] : [path.slice(0, at), path.slice(at)]
  const basic = /^Basic (.*)/i.exec(headers.authorization ?? '')?.[1]
  const auth = basic ? Buffer.from(basic, 'base64').toString() : null
  const host = (headers.host ?? '').toLowerCase()
  const [, hostname = host, port = null] = /^(.*?)(?::(\d+))?$/.exec(host) ?? []
  const login = auth === null ? '' : `${encodeURIComponent(auth).replace('%3A', ':')}@`
  const href = `${protocol}//${login}${host}${path}`
  const query = search?.slice(1) ?? null
  const parts = { protocol, auth, host, hostname, port, search, query, pathname, path, href }
  return { ...parts, toString: () => href } as Href
}

function unquote(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text
}

/** What can't be decoded stays as it is, as in the package `cookie`. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
