/**
 * The commit: what a request changed reaches the store, merged onto what others stored meanwhile, before
 * anything of its answer leaves. A record that is gone stays gone.
 */
import { CatamaranError } from '../errors.ts'
import type { Ask } from './budget.ts'
import type { Endings } from './ending.ts'
import {
  adopt,
  checkSize,
  checkValues,
  cookieText,
  isEmpty,
  mergeRecords,
  parseRecord,
  textOf,
  textWithEnd,
  untouchedText,
} from './record.ts'
import type { Session } from './session.ts'
import type { AnswerCookies } from './set-cookie.ts'
import type { SessionSettings } from './settings.ts'
import type { InTurn } from './turns.ts'
import type { Visit } from './visit.ts'

/** Tries before the request gives up; with turns in the process one is nearly always enough. */
const mostRounds = 5

export interface Tools {
  readonly ask: Ask
  readonly inTurn: InTurn
  readonly endings: Endings
  readonly cookies: AnswerCookies
}

/** Two texts of one session object, taken at the same moment: without and with its changes. */
interface Change {
  readonly base: string
  readonly mine: string
}

export interface Committer {
  commit(visit: Visit): Promise<string | undefined>
  /** Stores the session if it changed; `saving` stores a new one even without data. */
  keep(visit: Visit, saving?: boolean): Promise<void>
  /** The text the session object would have if nothing had changed. */
  untouched(visit: Visit, session: Session): string
  /** Remembers what is stored now, and shows it in the session; what changed after `since` stays. */
  kept(visit: Visit, session: Session, texts: { since: string; stored: string }): void
  /** Tells when a session changed after its answer had begun: those changes are lost. */
  checkSealed(visit: Visit): void
}

export function createCommitter(
  settings: SessionSettings,
  { ask, inTurn, endings, cookies }: Tools,
): Committer {
  const { store, life, report, express } = settings

  async function commit(visit: Visit): Promise<string | undefined> {
    if (visit.pending.length > 0) await Promise.allSettled(visit.pending)
    if (visit.fault) throw visit.fault
    if (visit.detached) return undefined
    const { session } = visit.request
    if (session) await keep(visit)
    else if (isUnset(visit)) await endings.remove(visit, 'destroyed')
    return visit.owner ? undefined : cookies.lineOf(visit)
  }

  function isUnset({ request: { session }, identity }: Visit): boolean {
    if (settings.unset !== 'destroy' || identity.ended) return false
    return session === null || (settings.express !== undefined && session === undefined)
  }

  async function keep(visit: Visit, saving = false): Promise<void> {
    const { session } = visit.request
    const force = saving || settings.saveUninitialized
    if (!session || (visit.base === undefined && !force && isEmpty(session))) return
    const again = express?.isPlain() && (saving || (express.resave && !visit.renewed))
    if (visit.base !== undefined && !again && isUnchanged(visit, session)) {
      return renew(visit, session)
    }
    await inTurn(visit.identity.id, () => write(visit, session, again))
  }

  /** In its turn: stores what has changed until now. */
  async function write(visit: Visit, session: Session, again = false): Promise<void> {
    const { identity } = visit
    if (identity.ended) return report.dropped(identity.id)
    if (visit.base === undefined && cookies.isOrphan(visit)) return
    const base = untouched(visit, session)
    const before = textOf(session)
    // A save that stood before it in the queue may have stored all.
    const changed = visit.base === undefined || (visit.base !== before && base !== before)
    if (!changed && !again) return
    // A cookie with an expiry travels with each change, one without only when it changed itself.
    visit.sendCookie ||=
      visit.base === undefined ||
      (changed && typeof session.cookie.originalMaxAge === 'number') ||
      cookieText(base) !== cookieText(before)
    life.renewCookie(session.cookie)
    checkValues(session, express?.lossy)
    await put(visit, session, { base, mine: textOf(session) })
  }

  async function put(visit: Visit, session: Session, { base, mine }: Change): Promise<void> {
    const { id } = visit.identity
    const seconds = life.secondsOf(session.cookie)
    let theirs = visit.base
    if (theirs === undefined) {
      checkSize(mine, settings.maxBytes)
      const created = await ask(visit, () => store.create(id, mine, seconds))
      if (created) return kept(visit, session, { since: mine, stored: mine })
      // Another event of the same socket stored it first.
      theirs = await ask(visit, () => store.read(id))
    }
    for (let round = 0; theirs !== undefined; round += 1) {
      if (round === mostRounds) throw new CatamaranError('E_SESSION_BUSY', [String(mostRounds)])
      const before = theirs
      const merged = mergeOnto(before, { base, mine })
      if (!merged) return report.dropped(id)
      checkSize(merged.text, settings.maxBytes)
      const result = await ask(visit, () => store.swap(id, before, merged.text, seconds))
      if (result === 'done') {
        if (merged.conflicts.length > 0) report.merged(id, merged.conflicts)
        return kept(visit, session, { since: mine, stored: merged.text })
      }
      theirs = result.text
    }
    report.dropped(id)
    endings.gone(visit, 'destroyed')
  }

  function mergeOnto(theirs: string, { base, mine }: Change) {
    if (theirs === base) return { text: mine, conflicts: [] }
    return mergeRecords({ base, mine, theirs }, settings)
  }

  function kept(
    visit: Visit,
    session: Session,
    { since, stored }: { since: string; stored: string },
  ): void {
    const { identity } = visit
    if (!identity.stored) endings.started(identity.id)
    identity.stored = true
    visit.base = stored
    visit.shownEnd = session.cookie._expires
    visit.renew = false
    visit.renewed = true
    life.renewed(identity.id, life.secondsOf(session.cookie))
    if (stored === since) return
    const merged = mergeRecords({ base: since, mine: textOf(session), theirs: stored }, settings)
    if (!merged) report.dropped(identity.id)
    adopt(session, merged?.value ?? parseRecord(stored) ?? {})
    visit.shownEnd = session.cookie._expires
  }

  function isUnchanged(visit: Visit, session: Session): boolean {
    return (
      textWithEnd(session, visit.shownEnd) === visit.base ||
      textOf(session) === untouched(visit, session)
    )
  }

  function untouched({ base, request }: Visit, session: Session): string {
    return untouchedText(base, session, cookies.attributesFor(request))
  }

  /** Renews the life of an unchanged session, if that is due. */
  async function renew(visit: Visit, session: Session): Promise<void> {
    const { id } = visit.identity
    if (visit.renew || (!visit.renewed && life.dueAfterRead(id))) {
      const seconds = life.secondsOf(session.cookie)
      life.renewCookie(session.cookie)
      try {
        visit.renewed = await ask(visit, () => store.touch(id, seconds, session))
        if (!visit.renewed) return endings.gone(visit, 'expired')
        visit.renew = false
        life.renewed(id, seconds)
      } catch (error) {
        visit.lateError = error
      }
    }
    // The browser's cookie lives on along with the record.
    visit.sendCookie ||=
      !express && visit.renewed && typeof session.cookie.originalMaxAge === 'number'
  }

  function checkSealed(visit: Visit): void {
    const { session, url } = visit.request
    if (!session || visit.identity.ended || visit.detached) return
    const lost = visit.base === undefined ? !isEmpty(session) : !isUnchanged(visit, session)
    if (!lost) return
    const { code, message, hint } = new CatamaranError('E_SESSION_SEALED')
    report.warn(`${code} ${message}: ${url?.split('?')[0]}. ${hint}`)
  }

  return { commit, keep, untouched, kept, checkSealed }
}
