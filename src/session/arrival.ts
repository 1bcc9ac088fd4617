/**
 * Finds who connects, for a handshake: a known session, or a newcomer who gets a fresh id.
 */
import type { Committer } from './committer.ts'
import type { Forebears } from './forebears.ts'
import { keptOf, timeOf } from './kept.ts'
import type { Span } from './life.ts'
import type { Loader } from './load.ts'
import type { JsonObject } from './merge.ts'
import type { PublicFields } from './public-fields.ts'
import { cookieOf } from './record.ts'
import type { AnswerCookies } from './set-cookie.ts'
import type { Fields, SessionSettings } from './settings.ts'
import { type Identity, type Visit, visitOf } from './visit.ts'

/** Whom a handshake has found. */
export interface Identified {
  readonly identity: Identity
  /** The `Set-Cookie` line of a newcomer. */
  readonly cookie: string | undefined
  /** The id in the cookie the browser has now, as far as it is known. */
  readonly cookieId?: string | undefined
  readonly life: Span
  /** Its public fields, as far as they are known. */
  readonly fields?: Fields | undefined
}

interface Tools {
  readonly load: Loader['load']
  readonly committer: Committer
  readonly cookies: AnswerCookies
  begin(visit: Visit): Visit
  lifeOf(visit: Visit): Span
  fresh(request: Visit['request']): Identity
  readonly forebears: Forebears
  readonly publicFields: PublicFields | undefined
}

export function createArrivals(settings: SessionSettings, tools: Tools) {
  const { load, committer, cookies, begin, lifeOf, fresh, forebears, publicFields } = tools
  const { signer, life } = settings
  const defaultCookie = cookieOf(undefined, settings.cookie)

  return async (request: Visit['request'], header: string | undefined): Promise<Identified> => {
    const signed = signer.idsIn(header)
    let leaving: string | undefined
    try {
      for (const { id } of signed) {
        const found = await load({ waited: 0 }, id)
        if (typeof found !== 'string') return known(id, found.value)
        if (found !== 'expired') leaving = id
      }
    } catch {
      // Its first event will find out, and answer 503 until the store is back.
      if (signed[0]) return known(signed[0].id)
    }
    const visit = begin(visitOf(request, { identity: fresh(request) }))
    if (settings.saveUninitialized) await committer.keep(visit).catch(() => {})
    const { identity } = visit
    // The cookie of a session that has just moved on, or was left over a socket, is still wanted: a ticket is
    // redeemed with it, and one that came with this answer could take the place of what the ticket brings.
    // For a minute; whoever comes meanwhile is told when the browser gets its next cookie.
    const cookie = leaving === undefined ? cookies.firstLineOf(visit) : undefined
    const before = leaving ?? signed[0]?.id
    if (cookie && before !== undefined) forebears.add(identity.id, before)
    return {
      identity,
      cookie,
      cookieId: cookie ? identity.id : before,
      life: lifeOf(visit),
      fields: publicFields?.none,
    }
  }

  function known(id: string, record?: JsonObject): Identified {
    const identity = { id, stored: true, ended: false }
    const span = life.spanOf(defaultCookie, timeOf(keptOf(record)?.created), id)
    // When it was last renewed nobody here may know: then the store is asked after a tenth of its life.
    const seconds = life.endOf(id) === undefined ? span.seconds / 10 : span.seconds
    const fields = record && publicFields?.of(record)
    return { identity, cookie: undefined, cookieId: id, life: { ...span, seconds }, fields }
  }
}
