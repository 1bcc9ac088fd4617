/**
 * The commit: what a request changed reaches the store, merged onto what others stored meanwhile, before
 * anything of its answer leaves. A record that is gone stays gone.
 */
import { CatamaranError } from '../errors.ts'
import type { CommitTools, Committer, Kept } from './committer.ts'
import { type Compared, createComparison, writtenAgain } from './comparison.ts'
import { BaseSession } from './express-session.ts'
import { createdOf, keptField } from './kept.ts'
import { mergeRecords } from './merge-records.ts'
import { createPut } from './put.ts'
import { adopt, checkValues, cookieText, dataOf, parseRecord, take, textOf } from './record.ts'
import { createRenewal } from './renewal.ts'
import { Session } from './session.ts'
import type { SessionSettings } from './settings.ts'
import type { Visit } from './visit.ts'
import type { Written } from './written.ts'

interface WriteOptions {
  /** Even if nothing has changed. */
  readonly again?: boolean
  readonly rotate?: boolean
  /** What has changed, where that was found out in the same tick. */
  readonly change?: Compared | undefined
}

export function createCommitter(settings: SessionSettings, tools: CommitTools): Committer {
  const { life, report, express, typed } = settings
  const { inTurn, endings, cookies, rotation, login, known } = tools
  const put = createPut(settings, tools)
  const renew = createRenewal(settings, tools)
  const { untouched, changeOf, isBlank, compared } = createComparison(cookies)

  function commit(visit: Visit): string | undefined | Promise<string | undefined> {
    if (visit.pending.length > 0) return Promise.allSettled(visit.pending).then(() => finish(visit))
    return finish(visit)
  }

  function finish(visit: Visit): string | undefined | Promise<string | undefined> {
    if (visit.fault) throw visit.fault
    if (visit.detached) return undefined
    const session = sessionOf(visit)
    const work = session ? storeOrRenew(visit, session) : undefined
    // Most reads leave nothing to wait for.
    if (work) return work.then(() => lineOf(visit))
    if (isUnset(visit)) return endings.remove(visit, 'destroyed').then(() => lineOf(visit))
    return lineOf(visit)
  }

  /** One of express-session's own counts, too, as its stores make them; what else stands there nothing would store. */
  function sessionOf(visit: Visit): Visit['request']['session'] {
    const { session } = visit.request
    if (!session || session instanceof Session) return session
    const other: object = session
    if (!(other instanceof BaseSession)) throw new CatamaranError('E_SESSION_REPLACED')
    return tools.replace(visit, other).request.session
  }

  function lineOf(visit: Visit): string | undefined {
    return visit.owner ? undefined : cookies.lineOf(visit)
  }

  function isUnset({ request: { session }, identity }: Visit): boolean {
    if (settings.unset !== 'destroy' || identity.ended) return false
    return session === null || (settings.express !== undefined && session === undefined)
  }

  async function keep(visit: Visit, saving = false): Promise<void> {
    const session = sessionOf(visit)
    if (session) await storeOrRenew(visit, session, saving)
  }

  /** Stores or renews what has to be; nothing where the session can be left as it is. */
  function storeOrRenew(visit: Visit, session: Session, saving = false): Promise<void> | undefined {
    const force = saving || settings.saveUninitialized
    if (visit.base === undefined && !force && isBlank(visit, session)) return undefined
    const again = express?.isPlain() && (saving || (express.resave && !visit.renewed))
    let change = visit.base === undefined || again ? undefined : changeOf(visit, session)
    if (visit.base === undefined || again || change) {
      const isAgain = again === true
      const done = inTurn(visit.identity.id, () =>
        write(visit, session, { again: isAgain, change }),
      )
      // Who has to wait for a turn looks anew.
      change = undefined
      return done
    }
    const { id, moved } = visit.identity
    if (moved) return undefined
    const isDue = visit.activity && !visit.renewed && life.dueAfterRead(id)
    if (visit.renew || isDue) return renew(visit, session).then(() => follow(visit, session))
    return follow(visit, session)
  }

  /** The browser's cookie lives on along with the record. */
  function follow(visit: Visit, { cookie }: Session): undefined {
    visit.sendCookie ||= !express && visit.renewed && typeof cookie.originalMaxAge === 'number'
  }

  function rotate(visit: Visit, session: Session): Promise<void> {
    return inTurn(visit.identity.id, () => write(visit, session, { rotate: true }))
  }

  /** In its turn: stores what has changed until now. */
  async function write(
    visit: Visit,
    session: Session,
    { again = false, rotate = false, change }: WriteOptions,
  ): Promise<void> {
    const { identity } = visit
    if (identity.ended && !identity.moved) return report.dropped(identity.id)
    if (visit.base === undefined && cookies.isOrphan(visit)) return
    const { base, now: before, written: last } = change ?? compared(visit, session)
    // A save that stood before it in the queue may have stored all.
    const changed = visit.base === undefined || (visit.base !== before && base !== before)
    if (!changed && !again && !rotate) return
    const keptBefore = session[keptField]
    const { isLogin, kept: noted } = login.note(visit.holder, session, keptBefore)
    Session.keep(session, noted)
    // One with an expiry (`false`, too) travels with each change, another when it changed itself.
    visit.sendCookie ||=
      visit.base === undefined ||
      (changed && (session.cookie.originalMaxAge ?? null) !== null) ||
      cookieText(base) !== cookieText(before)
    const created = createdOf(session)
    const shown = session.cookie._expires
    life.renewCookie(session.cookie, created)
    if (!last) checkValues(session, express?.lossy)
    if (typed) take(session, typed.check(dataOf(session)))
    const isAsBefore =
      !typed &&
      session[keptField] === keptBefore &&
      session.cookie._expires === shown &&
      visit.shownEnd === shown
    const written = isAsBefore ? last : anew(session, last)
    const mine = isAsBefore ? before : (written?.text ?? textOf(session))
    const seconds = life.secondsOf(session.cookie, created)
    const moves = rotate || (isLogin && visit.base !== undefined && rotation.isPossible(visit))
    const stored = await put(visit, { base, mine, seconds, rotate: moves })
    if (stored?.here) {
      const isMine = stored.text === mine
      const texts = { since: mine, stored: stored.text }
      const wrote = isMine && known.wrote(visit.identity.id, mine, written)
      kept(visit, session, { ...texts, ...(wrote && { known: wrote }) })
    }
    // What another id or user has now is not for this visit; what it has changed is dealt with.
    else if (stored || visit.base !== undefined)
      Object.assign(visit, { base: mine, view: undefined })
  }

  function anew(session: Session, last: Written | undefined): Written | undefined {
    return last && !typed ? writtenAgain(session, last) : undefined
  }

  function kept(visit: Visit, session: Session, { since, stored, known }: Kept): void {
    const { identity } = visit
    if (!identity.stored) endings.started(identity.id)
    identity.stored = true
    visit.base = stored
    visit.known = known
    visit.view = undefined
    visit.renew = false
    visit.renewed = true
    const created = createdOf(session)
    life.renewed(identity.id, life.secondsOf(session.cookie, created), created)
    if (stored !== since) {
      const merged = mergeRecords({ base: since, mine: textOf(session), theirs: stored }, settings)
      if (!merged) report.dropped(identity.id)
      const now = parseRecord(stored) ?? {}
      const shown = merged?.value ?? now
      adopt(session, typed ? typed.view(shown) : shown)
      if (typed) visit.view = JSON.stringify(typed.view(now))
    }
    visit.shownEnd = session.cookie._expires
    visit.holder = login.holderOf(session, session[keptField])
  }

  function checkSealed(visit: Visit): boolean {
    if (!hasLost(visit)) return false
    const { code, message, hint } = new CatamaranError('E_SESSION_SEALED')
    report.warn(`${code} ${message}: ${visit.request.url?.split('?')[0]}. ${hint}`)
    return true
  }

  function hasLost(visit: Visit): boolean {
    const { session } = visit.request
    if (!session || visit.identity.ended || visit.detached) return false
    try {
      const isChanged =
        visit.base === undefined ? !isBlank(visit, session) : changeOf(visit, session) !== undefined
      return isChanged && !cookies.isOrphan(visit)
    } catch {
      // What can't be written was not there when the session was stored.
      return true
    }
  }

  return { commit, keep, rotate, untouched, kept, checkSealed }
}
