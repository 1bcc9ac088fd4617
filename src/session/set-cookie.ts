/**
 * The `Set-Cookie` line of an answer: when it is sent, and what it says. Stores nothing.
 */
import type { IncomingMessage } from 'node:http'
import type { Endings } from './ending.ts'
import { createdOf } from './kept.ts'
import { cookieOf } from './record.ts'
import type { Session } from './session.ts'
import type { SessionSettings } from './settings.ts'
import type { SessionRequest, Visit } from './visit.ts'

export interface AnswerCookies {
  /** The attributes a new session's cookie has for this request: `auto` follows its connection. */
  attributesFor(request: SessionRequest & IncomingMessage): object
  /** Whether the answer of a session that lives must carry one. */
  isDue(visit: Visit): boolean
  /** The line an answer must carry, if any; one that can't be made becomes the visit's late error. */
  lineOf(visit: Visit): string | undefined
  /** The line that carries a newcomer's id, if it may travel. */
  firstLineOf(visit: Visit): string | undefined
  /** Whether the browser would never get the cookie, so that its record would lie there for nobody. */
  isOrphan(visit: Visit): boolean
}

export function createAnswerCookies(
  settings: SessionSettings,
  { hasEnded }: Endings,
): AnswerCookies {
  const { cookieName, signer, life, report, express } = settings
  const { isSecure = ({ secure = false }: SessionRequest) => secure } = settings
  const { proxyOption = 'http.trustProxy or session.proxy' } = settings
  let warnedOfSecure = false

  function attributesFor(request: SessionRequest & IncomingMessage): object {
    const { cookie } = settings
    if (express) return express.attributesOf(request)
    if (cookie.secure !== 'auto' && cookie['sameSite'] !== 'auto') return cookie
    const secure = isSecure(request)
    return {
      ...cookie,
      ...(cookie.secure === 'auto' && { secure }),
      ...(cookie['sameSite'] === 'auto' && { sameSite: secure ? 'none' : 'lax' }),
    }
  }

  function isDue({ sendCookie, owner }: Visit): boolean {
    return (sendCookie || settings.rolling) && !owner
  }

  function lineOf(visit: Visit): string | undefined {
    const { identity, request } = visit
    try {
      const lives = identity.stored && !identity.ended && !hasEnded(identity.id)
      if (!request.session || !lives) {
        return visit.clearCookie && !express && visit.sentId !== undefined
          ? clearing(request)
          : undefined
      }
      return isDue(visit) ? firstLineOf(visit) : undefined
    } catch (error) {
      visit.lateError = error
      return undefined
    }
  }

  function firstLineOf({ identity, request }: Visit): string | undefined {
    const session = request.session as Session
    const { cookie } = session
    if (isHidden(request, cookie)) return undefined
    // The stored expiry may be long past: a renewed life isn't written into the text.
    life.renewCookie(cookie, createdOf(session))
    return cookie.serialize(cookieName, signer.sign(identity.id))
  }

  /** The line that makes the browser forget the cookie: same attributes, long over. */
  function clearing(request: SessionRequest & IncomingMessage): string {
    const cookie = cookieOf(undefined, attributesFor(request))
    cookie.expires = new Date(0)
    return cookie.serialize(cookieName, '')
  }

  function isOrphan({ owner, request }: Visit): boolean {
    const { cookie } = request.session as Session
    if (owner || !isHidden(request, cookie)) return false
    if (!warnedOfSecure) {
      report.warn(
        'session.cookie.secure is on, but a request came over plain http: its session was not kept. ' +
          `Use https, or set ${proxyOption} when TLS ends at a proxy.`,
      )
    }
    warnedOfSecure = true
    return true
  }

  /** Whether a cookie for TLS only would be the answer to plain http. */
  function isHidden(request: Visit['request'], { secure }: Session['cookie']): boolean {
    return Boolean(secure) && !isSecure(request)
  }

  return { attributesFor, isDue, lineOf, firstLineOf, isOrphan }
}
