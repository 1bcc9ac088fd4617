/**
 * Writes a session that has changed: puts it into the store, merged onto what others stored meanwhile, and
 * remembers what is stored now. A record that is gone stays gone.
 */
import type { CommitTools, Kept } from './committer.ts'
import { type Compared, writtenAgain } from './comparison.ts'
import { createdOf, keptField } from './kept.ts'
import { mergeRecords } from './merge-records.ts'
import { type Change, createPutting, type Stored } from './put.ts'
import { adopt, checkValues, cookieText, dataOf, parseRecord, take, textOf } from './record.ts'
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

/** A session as it is to be stored, and the change to it. */
interface Order {
  readonly change: Change
  readonly ready: Ready
}

interface Ready {
  readonly text: string
  /** The same field by field, where it could be written so. */
  readonly written: Written | undefined
  /** **Seconds** the record lives. */
  readonly seconds: number
  readonly isLogin: boolean
}

interface Tools extends CommitTools {
  compared(visit: Visit, session: Session): Compared
}

export function createWriting(settings: SessionSettings, tools: Tools) {
  const { life, report, express, typed } = settings
  const { endings, cookies, rotation, login, known, compared } = tools
  const { put, putNow } = createPutting(settings, tools)

  /** In its turn: stores what has changed until now; at once where the store can. */
  function write(visit: Visit, session: Session, options: WriteOptions): Promise<void> | undefined {
    const order = orderOf(visit, session, options)
    if (!order) return undefined
    const settle = (stored: Stored | undefined) => settled(visit, session, { ...order, stored })
    const stored = putNow(visit, order.change)
    return stored ? settle(stored) : put(visit, order.change).then(settle)
  }

  function orderOf(
    visit: Visit,
    session: Session,
    { again = false, rotate = false, change }: WriteOptions,
  ): Order | undefined {
    const { identity } = visit
    if (identity.ended && !identity.moved) {
      report.dropped(identity.id)
      return undefined
    }
    if (visit.base === undefined && cookies.isOrphan(visit)) return undefined
    const found = change ?? compared(visit, session)
    const { base, now } = found
    // A save that stood before it in the queue may have stored all.
    const changed = visit.base === undefined || (visit.base !== now && base !== now)
    if (!changed && !again && !rotate) return
    visit.sendCookie ||=
      (changed && bringsCookie(visit, session)) || cookieText(base) !== cookieText(now)
    const ready = readied(visit, session, found)
    const { text: mine, seconds, isLogin } = ready
    const moves = rotate || (isLogin && visit.base !== undefined && rotation.isPossible(visit))
    return { ready, change: { base, mine, seconds, rotate: moves } }
  }

  function settled(
    visit: Visit,
    session: Session,
    { ready, stored }: { ready: Ready; stored: Stored | undefined },
  ): undefined {
    if (stored?.here) stands(visit, session, { ready, stored: stored.text })
    // What another id or user has now is not for this visit; what it has changed is dealt with.
    else if (stored || visit.base !== undefined) {
      Object.assign(visit, { base: ready.text, view: undefined })
    }
  }

  /** A cookie with one (`false`, too) travels with each change; others when the session is new. */
  function bringsCookie({ base }: Visit, { cookie }: Session): boolean {
    return base === undefined || (cookie.originalMaxAge ?? null) !== null
  }

  /** Notes a login, begins the life anew and writes the text, where it isn't the one that was compared. */
  function readied(visit: Visit, session: Session, { now, written: last }: Compared): Ready {
    const keptBefore = session[keptField]
    const { isLogin, kept: noted } = login.note(visit.holder, session, keptBefore)
    Session.keep(session, noted)
    const created = createdOf(session)
    const shown = session.cookie._expires
    life.renewCookie(session.cookie, created)
    if (!last) checkValues(session, express?.lossy)
    if (typed) take(session, typed.check(dataOf(session)))
    const seconds = life.secondsOf(session.cookie, created)
    const isAsBefore =
      !typed &&
      session[keptField] === keptBefore &&
      session.cookie._expires === shown &&
      visit.shownEnd === shown
    if (isAsBefore) return { text: now, written: last, seconds, isLogin }
    const written = last && !typed ? writtenAgain(session, last) : undefined
    return { text: written?.text ?? textOf(session), written, seconds, isLogin }
  }

  function stands(
    visit: Visit,
    session: Session,
    { ready: { text: since, written }, stored }: { ready: Ready; stored: string },
  ): void {
    const isMine = stored === since
    const wrote = isMine ? known.wrote(visit.identity.id, since, written) : undefined
    kept(visit, session, { since, stored, known: wrote })
  }

  function kept(visit: Visit, session: Session, { since, stored, known: entry }: Kept): void {
    const { identity } = visit
    if (!identity.stored) endings.started(identity.id)
    identity.stored = true
    visit.base = stored
    visit.known = entry
    visit.view = undefined
    visit.renew = false
    visit.renewed = true
    const created = createdOf(session)
    life.renewed(identity.id, life.secondsOf(session.cookie, created), created)
    if (stored !== since) show(visit, session, { since, stored })
    visit.shownEnd = session.cookie._expires
    visit.holder = login.holderOf(session, session[keptField])
  }

  /** Shows what others had stored, too; what changed in the session since then stays. */
  function show(visit: Visit, session: Session, { since, stored }: Kept): void {
    const merged = mergeRecords({ base: since, mine: textOf(session), theirs: stored }, settings)
    if (!merged) report.dropped(visit.identity.id)
    const now = parseRecord(stored) ?? {}
    const shown = merged?.value ?? now
    adopt(session, typed ? typed.view(shown) : shown)
    if (typed) visit.view = JSON.stringify(typed.view(now))
  }

  return { write, kept }
}
