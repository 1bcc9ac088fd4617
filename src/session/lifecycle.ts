/**
 * The life of a session within one request or socket event: open, commit, end. The only caller of a
 * store. Knows nothing of HTTP or sockets: the doors bring the cookie header and send what comes back.
 */
import { CatamaranError } from '../errors.ts'
import { createBudget } from './budget.ts'
import { createCommitter } from './commit.ts'
import { createId } from './cookie.ts'
import { createEndings } from './ending.ts'
import { createHandle } from './handle.ts'
import type { JsonObject } from './merge.ts'
import { cookieOf, parseRecord, refuseCookieless } from './record.ts'
import { Session } from './session.ts'
import type { Bound, Sent, Sessions, WhenDown } from './sessions.ts'
import { createAnswerCookies } from './set-cookie.ts'
import type { SessionSettings } from './settings.ts'
import { createTurns } from './turns.ts'
import { type Identity, type Visit, visitOf } from './visit.ts'

export type { Bound, Sent, Sessions, WhenDown } from './sessions.ts'

/** A record as it was read. */
interface Found {
  readonly value: JsonObject
  /** When its life ended as last known here, before this read renewed it. */
  readonly end?: number | undefined
}

const none: JsonObject = Object.freeze({})

export function createSessions(settings: SessionSettings): Sessions {
  const { store, signer, life, report, express } = settings
  const ask = createBudget(store, { seconds: settings.storeTimeout, warn: report.warn })
  const unreadable = new Set<string>()
  const defaultCookie = cookieOf(undefined, settings.cookie)
  const inTurn = createTurns()
  const endings = createEndings(settings, { ask, inTurn })
  const cookies = createAnswerCookies(settings, endings)
  const tools = { ask, inTurn, endings, cookies }
  const committer = createCommitter(settings, tools)
  const handleOf = createHandle(settings, { ...tools, committer, begin, fresh })

  async function open(
    request: Visit['request'],
    sent: Sent,
    whenDown: WhenDown = settings.onStoreError,
  ): Promise<Visit> {
    const signed = typeof sent === 'object' ? sent : signer.idsIn(sent)
    const spent = { waited: 0 }
    const stranger = () => ({ ...spent, identity: fresh(request), sentId: signed[0]?.id })
    try {
      for (const { id, stale } of signed) {
        const found = await load(spent, id)
        if (!found) continue
        const identity = { id, stored: true, ended: false }
        const { text: base, renewed } = found
        const known = { ...spent, identity, base, renewed, sentId: id, sendCookie: stale }
        return begin(visitOf(request, known), found)
      }
    } catch (error) {
      if (whenDown === 'fail') throw error
      return begin(visitOf(request, { ...stranger(), detached: true }))
    }
    return begin(visitOf(request, stranger()))
  }

  async function resume(
    request: Visit['request'],
    { identity, owner, whenDown = settings.onStoreError }: Bound,
  ): Promise<Visit> {
    if (identity.ended) throw new CatamaranError('E_SESSION_ENDED')
    const visit = visitOf(request, { identity, owner, sentId: identity.id })
    if (!identity.stored) return begin(visit)
    const found = await load(visit, identity.id).catch((error: unknown) => {
      if (whenDown === 'fail') throw error
      return 'down' as const
    })
    if (found === 'down') {
      return begin(visitOf(request, { identity: fresh(request), owner, detached: true }))
    }
    if (!found) {
      endings.gone(visit, 'expired')
      throw new CatamaranError('E_SESSION_ENDED')
    }
    visit.base = found.text
    visit.renewed = found.renewed
    return begin(visit, found)
  }

  function restart(visit: Visit): void {
    visit.identity = fresh(visit.request)
    visit.base = undefined
    begin(visit)
  }

  function fresh(request?: Visit['request']): Identity {
    const id = request && settings.genid ? settings.genid(request) : createId()
    return { id, stored: false, ended: false }
  }

  /** Reads a record, renewing its life along the way where that is due. */
  async function load(spent: { waited: number }, id: string) {
    const renew = life.dueAtRead(id)
    const end = life.endOf(id)
    const text = await ask(spent, () => store.read(id, renew))
    if (text === undefined) return undefined
    if (renew !== undefined) life.renewed(id, renew)
    const value = parseRecord(text)
    if (value && express) refuseCookieless(value)
    if (value) return { text, value, end, renewed: renew !== undefined }
    if (!unreadable.has(id)) report.unreadable(id)
    unreadable.add(id)
    return undefined
  }

  /** Puts the session object on the request. */
  function begin(visit: Visit, found?: Found): Visit {
    const { request } = visit
    request.sessionID = visit.identity.id
    const stored = found?.value['cookie']
    const cookie = cookieOf(stored, stored ? none : cookies.attributesFor(request))
    const handle = handleOf(visit)
    request.session = new Session(request, { data: found?.value ?? none, cookie, handle })
    visit.shownEnd = cookie._expires
    if (found) life.showEnd(cookie, found.end)
    return visit
  }

  async function identify(request: Visit['request'], header: string | undefined) {
    const signed = signer.idsIn(header)
    try {
      for (const { id } of signed) {
        if (await load({ waited: 0 }, id)) return known(id)
      }
    } catch {
      // Its first event will find out, and answer 503 until the store is back.
      if (signed[0]) return known(signed[0].id)
    }
    const visit = begin(visitOf(request, { identity: fresh(request) }))
    if (settings.saveUninitialized) await committer.keep(visit).catch(() => {})
    return { identity: visit.identity, cookie: cookies.firstLineOf(visit) }
  }

  return {
    open,
    welcome: (request) => begin(visitOf(request, { identity: fresh(request) })),
    restart,
    resume,
    commit: committer.commit,
    checkSealed: committer.checkSealed,
    answered: endings.answered,
    identify,
    fresh: () => fresh(),
    usualLife: life.secondsOf(defaultCookie),
    lifeOf: ({ request }) => life.secondsOf(request.session?.cookie ?? defaultCookie),
    isAlive: async (id) => (await ask({ waited: 0 }, () => store.read(id))) !== undefined,
    check: () => ask({ waited: 0 }, () => store.check()),
  }
}

function known(id: string) {
  return { identity: { id, stored: true, ended: false }, cookie: undefined }
}
