/**
 * Finds who connects, for a handshake: a known session, or a newcomer who gets a fresh id.
 */
import type { Committer } from './committer.ts'
import { keptOf, timeOf } from './kept.ts'
import type { Span } from './life.ts'
import type { Loader } from './load.ts'
import { cookieOf } from './record.ts'
import type { AnswerCookies } from './set-cookie.ts'
import type { SessionSettings } from './settings.ts'
import { type Identity, type Visit, visitOf } from './visit.ts'

/** Whom a handshake has found. */
export interface Identified {
  readonly identity: Identity
  /** The `Set-Cookie` line of a newcomer. */
  readonly cookie: string | undefined
  readonly life: Span
}

interface Tools {
  readonly load: Loader['load']
  readonly committer: Committer
  readonly cookies: AnswerCookies
  begin(visit: Visit): Visit
  lifeOf(visit: Visit): Span
  fresh(request: Visit['request']): Identity
}

export function createArrivals(settings: SessionSettings, tools: Tools) {
  const { load, committer, cookies, begin, lifeOf, fresh } = tools
  const { signer, life } = settings
  const defaultCookie = cookieOf(undefined, settings.cookie)

  return async (request: Visit['request'], header: string | undefined): Promise<Identified> => {
    const signed = signer.idsIn(header)
    try {
      for (const { id } of signed) {
        const found = await load({ waited: 0 }, id)
        if (typeof found !== 'string') return known(id, timeOf(keptOf(found.value)?.created))
      }
    } catch {
      // Its first event will find out, and answer 503 until the store is back.
      if (signed[0]) return known(signed[0].id)
    }
    const visit = begin(visitOf(request, { identity: fresh(request) }))
    if (settings.saveUninitialized) await committer.keep(visit).catch(() => {})
    return { identity: visit.identity, cookie: cookies.firstLineOf(visit), life: lifeOf(visit) }
  }

  function known(id: string, created?: number): Identified {
    const identity = { id, stored: true, ended: false }
    const span = life.spanOf(defaultCookie, created, id)
    // When it was last renewed nobody here may know: then the store is asked after a tenth of its life.
    const seconds = life.endOf(id) === undefined ? span.seconds / 10 : span.seconds
    return { identity, cookie: undefined, life: { ...span, seconds } }
  }
}
