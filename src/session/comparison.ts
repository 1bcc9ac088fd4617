/**
 * Tells whether a session has changed since it was read: compares it with what it stands on, and its text
 * with the one it would have unchanged where only that can tell. Stores nothing.
 */
import { Cookie } from './express-session.ts'
import { keptField } from './kept.ts'
import type { Known } from './known.ts'
import type { Json, JsonObject } from './merge.ts'
import { isSame, plainOf } from './plain.ts'
import { dataOf, isEmpty, isObject, textOf, textWithEnd } from './record.ts'
import type { Session } from './session.ts'
import type { AnswerCookies } from './set-cookie.ts'
import { createUntouched } from './untouched.ts'
import type { Visit } from './visit.ts'

/** A session's text, and the one it would have unchanged: both with the same end of its life. */
export interface Compared {
  readonly base: string
  readonly now: string
  /** What `now` says, where nothing stands in it that JSON drops or changes. */
  readonly record: JsonObject | undefined
}

export function createComparison(cookies: Pick<AnswerCookies, 'attributesFor'>) {
  const untouched = createUntouched(cookies)

  /** What has changed since the session was read; `undefined` when nothing has. */
  function changeOf(visit: Visit, session: Session): Compared | undefined {
    const known = knownOf(visit)
    if (known && isUnchanged(session, known, visit.shownEnd)) return undefined
    const now = textWithEnd(session, visit.shownEnd)
    if (now === visit.base) return undefined
    const record = recordOf(session, known, visit.shownEnd)
    if (known?.isOwn) return { base: known.text, now, record }
    const isAsShown = session.cookie._expires === visit.shownEnd
    const change = { base: untouched(visit, session), now: isAsShown ? now : textOf(session) }
    return change.base === change.now ? undefined : { ...change, record }
  }

  /** The same whether or not anything has. */
  function compared(visit: Visit, session: Session): Compared {
    const known = knownOf(visit)
    const texts = known?.isOwn
      ? { base: known.text, now: textWithEnd(session, visit.shownEnd) }
      : { base: untouched(visit, session), now: textOf(session) }
    return { ...texts, record: recordOf(session, known, visit.shownEnd) }
  }

  return { untouched, changeOf, isBlank, compared }
}

/** What the session stands on, where it shows it as it is. */
function knownOf({ base, view, known }: Visit): Known | undefined {
  return view === undefined && known?.text === base ? known : undefined
}

type End = Cookie['_expires']

/** @param end - the end of its life that its text shows */
function isUnchanged(session: Session, { record, data }: Known, end: End): boolean {
  if (!isSame(dataOf(session), data)) return false
  if (!isSame(session[keptField], record[keptField])) return false
  return asStored(session.cookie, end, record) !== undefined
}

/** A record's cookie, if that is what the text of a session's cookie would say. */
function asStored(cookie: unknown, end: End, { cookie: stored }: JsonObject) {
  if (!isObject(stored) || !(cookie instanceof Cookie)) return undefined
  const { data } = cookie
  for (const name in data) {
    const value = name === 'expires' ? end : data[name]
    if ((value instanceof Date ? value.toJSON() : value) !== stored[name]) return undefined
  }
  return stored
}

/** What the text of a session says. */
function recordOf(session: Session, known: Known | undefined, end: End): JsonObject | undefined {
  const { cookie, [keptField]: kept } = session
  if (!(cookie instanceof Cookie)) return undefined
  const data = plainOf(dataOf(session))
  const beside = kept && plainOf(kept)
  if (!isObject(data) || (kept && !beside)) return undefined
  const stored = known?.isOwn ? asStored(cookie, end, known.record) : undefined
  const shown = stored ?? (JSON.parse(JSON.stringify(cookie)) as Json)
  return { cookie: shown, ...data, ...(beside && { [keptField]: beside }) }
}

/** Whether it is a visitor's of whom there is nothing to keep. */
function isBlank({ blank }: Visit, session: Session): boolean {
  return isEmpty(session) || (blank !== undefined && JSON.stringify(dataOf(session)) === blank)
}
