/**
 * Tokens against forged requests, for apps that ask for them: bound to the session, kept through a login,
 * and never twice the same text, so that nothing can be learnt from the length of a compressed page.
 */
import type { Request } from 'express'
import { createHmac, randomBytes, timingSafeEqual } from '../builtin.ts'
import { CatamaranError } from '../errors.ts'
import { keptField } from '../session/kept.ts'
import { Session } from '../session/session.ts'
import { isSafe } from './csrf.ts'
import type { Handler } from './handler.ts'

/** The action `security/grant-csrf-token`, which answers `GET /csrfToken`. */
export const grantToken: Handler = (req, res) => {
  res.set('Cache-Control', 'no-store')
  return { _csrf: tokenOf(req) }
}

/**
 * Pages find a token as `_csrf`. It is made when one is rendered, even if the page has no use for it, since
 * Express copies `res.locals`: no other answer begins a session for it or is kept out of caches.
 */
export const offerToken: Handler = (req, res, next) => {
  const open = { enumerable: true, configurable: true }
  const set = (value: unknown) =>
    void Object.defineProperty(res.locals, '_csrf', { ...open, value, writable: true })
  const get = () => {
    if (!req.session) return ''
    if (!res.headersSent) res.set('Cache-Control', 'no-store')
    return tokenOf(req)
  }
  if (!req.isSocket) Object.defineProperty(res.locals, '_csrf', { ...open, get, set })
  next()
}

/** The step that wants a token where something changes, on both doors. */
export const wantToken: Handler = (req, _res, next) => {
  // Without a session there is nothing a forged request could make use of.
  const isFine = isSafe(req) || !req.session || isValid(req, given(req))
  if (isFine) next()
  else next(new CatamaranError('E_CSRF_TOKEN'))
}

/** A new token for the session of a request. */
export function tokenOf(req: Request): string {
  const secret = secretOf(req) ?? begin(req)
  const salt = randomBytes(12).toString('base64url')
  return `${salt}.${sign(salt, secret)}`
}

function isValid(req: Request, token: unknown): boolean {
  const secret = secretOf(req)
  if (secret === undefined || typeof token !== 'string') return false
  const [salt = '', signature = ''] = token.split('.')
  const expected = Buffer.from(sign(salt, secret))
  const brought = Buffer.from(signature)
  return brought.length === expected.length && timingSafeEqual(brought, expected)
}

function sign(salt: string, secret: string): string {
  return createHmac('sha256', secret).update(salt).digest('base64url')
}

const headers = ['x-csrf-token', 'x-xsrf-token', 'csrf-token', 'xsrf-token']

/** From a header, the body or the query; it is taken out of both: actions have not asked for it. */
function given(req: Request): unknown {
  const header = headers.map((name) => req.get(name)).find((token) => token !== undefined)
  const inBody = takeFromBody(req)
  const inQuery = takeFromQuery(req)
  return header ?? inBody ?? inQuery
}

function takeFromBody({ body }: Request): unknown {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, '_csrf')) return undefined
  const token: unknown = Reflect.get(body, '_csrf')
  Reflect.deleteProperty(body, '_csrf')
  return token
}

/** Of a form with files nobody has read the body yet. */
function takeFromQuery(req: Request): unknown {
  const { _csrf: token, ...query } = req.query
  if (token !== undefined) Object.defineProperty(req, 'query', { value: query, configurable: true })
  return token
}

function secretOf(req: Request): string | undefined {
  const secret = (req.session as unknown as Session | undefined)?.[keptField]?.csrf
  return typeof secret === 'string' ? secret : undefined
}

function begin(req: Request): string {
  if (!req.session) throw new CatamaranError('E_CSRF_SESSION')
  const session = req.session as unknown as Session
  const csrf = randomBytes(24).toString('base64url')
  Session.keep(session, { ...session[keptField], csrf })
  return csrf
}
