/**
 * Against forged requests: what changes something must not come from a page of another site. Browsers say
 * where a request comes from, in `Sec-Fetch-Site` or at least in `Origin`; who sends neither is no browser
 * that a page could make use of, and passes.
 */
import type { Request } from 'express'
import { CatamaranError } from '../errors.ts'
import type { Handler } from './handler.ts'

/** The action that gives tokens, and its address where the app has none for it. */
export const tokenAction = 'security/grant-csrf-token'
export const tokenRoute = 'GET /csrfToken'

/** Makes the step; `isInvited` knows the other sites that may. */
export function createOriginGuard(isInvited: (req: Request) => boolean): Handler {
  return (req, _res, next) => {
    // The handshake of a socket has asked the same.
    if (isSafe(req) || req.isSocket || isOwn(req) || isInvited(req)) next()
    else next(new CatamaranError('E_CROSS_SITE'))
  }
}

/** Whether a request only asks. */
export function isSafe({ method }: Request): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

function isOwn(req: Request): boolean {
  const site = req.get('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const origin = req.get('origin')
  return origin === undefined || isHost(origin, req.host)
}

/** Browsers leave the scheme's own port out of both. */
function isHost(origin: string, host: string | undefined): boolean {
  if (!host || !/^https?:/.test(origin) || !URL.canParse(origin)) return false
  const { protocol, host: theirs } = new URL(origin)
  const ours = `${protocol}//${host}`
  return URL.canParse(ours) && new URL(ours).host === theirs
}
