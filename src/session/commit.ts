/**
 * The commit: what a request changed reaches the store, merged onto what others stored meanwhile, before
 * anything of its answer leaves. A record that is gone stays gone.
 */
import { CatamaranError } from '../errors.ts'
import type { Ask } from './budget.ts'
import {
  adopt,
  checkRecord,
  emptyTextOf,
  type MergedRecord,
  mergeRecords,
  textOf,
  untouchedText,
} from './record.ts'
import { isReserved, type Session } from './session.ts'
import type { SessionSettings } from './settings.ts'
import type { InTurn } from './turns.ts'
import type { EndReason, Visit } from './visit.ts'

/** Tries before the request gives up; with turns in the process one is nearly always enough. */
const mostRounds = 5

export interface Tools {
  readonly ask: Ask
  readonly inTurn: InTurn
  /** Marks the visit's session as ended and tells the sockets. */
  end(visit: Visit, reason: EndReason): void
}

export interface Committer {
  commit(visit: Visit): Promise<string | undefined>
  /** Stores the session if it changed; `force` stores it anyway. */
  keep(visit: Visit, force?: boolean): Promise<void>
  /** The text the session object had before anything changed. */
  pristine(visit: Visit, session: Session): string
  /** Remembers what is stored now. */
  kept(visit: Visit, session: Session, text: string): void
  /** Tells when a session changed after its answer had begun: those changes are lost. */
  checkSealed(visit: Visit): void
  /** The cookie of a newcomer who connects; with `saveUninitialized` the record too. */
  introduce(visit: Visit): Promise<string>
}

export function createCommitter(settings: SessionSettings, { ask, inTurn, end }: Tools): Committer {
  const { store, life, report, signer, cookieName } = settings
  let warnedOfSecure = false

  async function commit(visit: Visit): Promise<string | undefined> {
    if (visit.detached) return undefined
    if (visit.saves.length > 0) await Promise.all(visit.saves)
    const { session } = visit.request
    if (session) await keep(visit)
    else if (session === null && settings.unset === 'destroy') await removed(visit)
    return visit.owner ? undefined : cookieLine(visit)
  }

  async function removed(visit: Visit): Promise<void> {
    const { identity } = visit
    if (!identity.stored || identity.ended) return
    await ask(visit, () => store.destroy(identity.id))
    visit.clearCookie = true
    end(visit, 'destroyed')
  }

  async function keep(visit: Visit, force = settings.saveUninitialized): Promise<void> {
    const session = visit.request.session as Session
    const { identity, base } = visit
    if (base === undefined && !force && isEmpty(session)) return
    if (base !== undefined && isUnchanged(visit, session)) return renew(visit, session)
    if (identity.ended) return report.dropped(identity.id)
    if (base === undefined && wouldBeOrphan(visit, session)) return
    const before = textOf(session)
    // A cookie with an expiry travels with each change, one without only when it changed itself.
    const sameCookie = base !== undefined && cookieText(base) === cookieText(before)
    visit.sendCookie ||= !sameCookie || typeof session.cookie.originalMaxAge === 'number'
    life.renewCookie(session.cookie)
    const mine = textOf(session)
    checkRecord(session, mine, settings.maxBytes)
    await inTurn(identity.id, () => write(visit, session, mine))
  }

  function isUnchanged(visit: Visit, session: Session): boolean {
    const text = textOf(session)
    return text === visit.base || text === pristine(visit, session)
  }

  function pristine(visit: Visit, session: Session): string {
    visit.untouched ??=
      visit.base === undefined
        ? emptyTextOf(session)
        : untouchedText(visit.base, { defaults: settings.cookie, isReserved })
    return visit.untouched
  }

  async function write(visit: Visit, session: Session, mine: string): Promise<void> {
    const { identity } = visit
    const seconds = life.secondsOf(session.cookie)
    if (identity.ended) return report.dropped(identity.id)
    const base = pristine(visit, session)
    if (visit.base === undefined) {
      if (await ask(visit, () => store.create(identity.id, mine, seconds))) {
        return kept(visit, session, mine)
      }
      // Another event of the same socket stored it first.
      visit.base = (await ask(visit, () => store.read(identity.id))) ?? ''
    }
    let before = visit.base
    let merged = before === base ? undefined : apply(visit, { base, mine, theirs: before })
    for (let round = 0; round < mostRounds; round += 1) {
      const after = merged?.text ?? mine
      const result = await ask(visit, () => store.swap(identity.id, before, after, seconds))
      if (result === 'done' || result.text === after) {
        if (merged) adopt(session, merged.value)
        return kept(visit, session, after)
      }
      if (result.text === undefined) return gone(visit)
      before = result.text
      merged = apply(visit, { base, mine, theirs: before })
      if (!merged) return report.dropped(identity.id)
    }
    throw new CatamaranError('E_SESSION_BUSY', [String(mostRounds)])
  }

  function apply(
    visit: Visit,
    texts: Parameters<typeof mergeRecords>[0],
  ): MergedRecord | undefined {
    const merged = mergeRecords(texts, { rules: settings.merge, user: settings.user })
    if (merged && merged.conflicts.length > 0) report.merged(visit.identity.id, merged.conflicts)
    return merged
  }

  function kept(visit: Visit, session: Session, text: string): void {
    const { identity } = visit
    identity.stored = true
    visit.base = text
    visit.untouched = undefined
    visit.renewed = true
    life.renewed(identity.id, life.secondsOf(session.cookie))
  }

  /** Somebody ended it meanwhile, on this node or another: the changes go, the session stays ended. */
  function gone(visit: Visit): void {
    report.dropped(visit.identity.id)
    end({ ...visit, owner: undefined }, 'destroyed')
    visit.sendCookie = false
  }

  /** Renews the life of an unchanged session, if that is due. */
  async function renew(visit: Visit, session: Session): Promise<void> {
    const { id } = visit.identity
    if (visit.renew || (!visit.renewed && life.dueAfterRead(id))) {
      const seconds = life.secondsOf(session.cookie)
      try {
        visit.renewed = await ask(visit, () => store.touch(id, seconds))
        if (visit.renewed) life.renewed(id, seconds)
      } catch (error) {
        visit.lateError = error
      }
    }
    if (visit.renewed && typeof session.cookie.originalMaxAge === 'number') {
      life.renewCookie(session.cookie)
      visit.sendCookie = true
    }
  }

  function cookieLine(visit: Visit): string | undefined {
    const { identity, request } = visit
    const { session } = request
    if (!session || !identity.stored || identity.ended) {
      return visit.clearCookie && visit.sentId !== undefined ? clearing() : undefined
    }
    if (!visit.sendCookie && !settings.rolling) return undefined
    if (session.cookie.secure === true && !request.secure) return undefined
    return session.cookie.serialize(cookieName, signer.sign(identity.id))
  }

  /** The line that makes the browser forget the cookie: same attributes, long over. */
  function clearing(): string {
    const { path, domain } = settings.cookie
    const attributes = [`${cookieName}=`, `Path=${path ?? '/'}`, domain ? `Domain=${domain}` : '']
    return [...attributes, 'Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'HttpOnly']
      .filter(Boolean)
      .join('; ')
  }

  /** A record whose cookie the browser would never get is not stored. */
  function wouldBeOrphan({ owner, request }: Visit, { cookie }: Session): boolean {
    if (owner || cookie.secure !== true || request.secure) return false
    if (!warnedOfSecure) {
      report.warn(
        'session.cookie.secure is on, but a request came over plain http: its session was not kept. ' +
          'Use https, or set http.trustProxy when TLS ends at a proxy.',
      )
    }
    warnedOfSecure = true
    return true
  }

  function checkSealed(visit: Visit): void {
    const { session, url } = visit.request
    if (!session || visit.identity.ended || visit.detached) return
    const lost = visit.base === undefined ? !isEmpty(session) : !isUnchanged(visit, session)
    if (!lost) return
    const { code, message, hint } = new CatamaranError('E_SESSION_SEALED')
    report.warn(`${code} ${message}: ${url?.split('?')[0]}. ${hint}`)
  }

  async function introduce(visit: Visit): Promise<string> {
    const { session, secure } = visit.request
    if (settings.saveUninitialized) await keep(visit).catch(() => {})
    const { cookie } = session as Session
    if (cookie.secure === true && !secure) return ''
    return cookie.serialize(cookieName, signer.sign(visit.identity.id))
  }

  return { commit, keep, pristine, kept, checkSealed, introduce }
}

/** Nothing but the cookie: a visitor without data. */
function isEmpty(session: Session): boolean {
  return Object.keys(session).length === 1
}

/** The cookie's part of a record written by us: it comes first and holds no further braces. */
function cookieText(text: string): string {
  return text.slice(0, text.indexOf('}'))
}
