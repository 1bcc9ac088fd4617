/**
 * Tells whether a session has changed since it was read: compares it with what it stands on, and its text
 * with the one it would have unchanged where only that can tell. Stores nothing.
 */
import { Cookie } from './express-session.ts'
import { keptField } from './kept.ts'
import type { Known } from './known.ts'
import type { JsonObject } from './merge.ts'
import { hasSameFields, isSame, plainFields, plainOf } from './plain.ts'
import { dataOf, isEmpty, isObject, textOf, textWithEnd, untouchedText } from './record.ts'
import type { Session } from './session.ts'
import type { AnswerCookies } from './set-cookie.ts'
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
    const record = recordOf(session, known, visit.shownEnd)
    if (known && record === known.record) return undefined
    const now = textWithEnd(session, visit.shownEnd)
    if (now === visit.base) return undefined
    if (known?.isOwn) return { base: known.text, now, record }
    const isAsShown = session.cookie._expires === visit.shownEnd
    const change = { base: untouched(visit, session), now: isAsShown ? now : textOf(session) }
    return change.base === change.now ? undefined : { ...change, record }
  }

  /** The same whether or not anything has. */
  function compared(visit: Visit, session: Session): Compared {
    const known = knownOf(visit)
    const record = recordOf(session, known, visit.shownEnd)
    if (known?.isOwn) return { base: known.text, now: textWithEnd(session, visit.shownEnd), record }
    return { base: untouched(visit, session), now: textOf(session), record }
  }

  return { untouched, changeOf, isBlank, compared }
}

/** What the session stands on, where it shows it as it is. */
function knownOf({ base, view, known }: Visit): Known | undefined {
  return view === undefined && known?.text === base ? known : undefined
}

type End = Cookie['_expires']

/**
 * What the text of a session says: the record itself that it stands on, where nothing has changed. Without
 * writing the text; `undefined` where only the text can tell.
 *
 * @param end - the end of its life that its text shows
 */
function recordOf(session: Session, known: Known | undefined, end: End): JsonObject | undefined {
  const { cookie, [keptField]: kept } = session
  if (!(cookie instanceof Cookie)) return undefined
  const data = plainData(session, known?.data)
  const before = known?.record[keptField]
  const beside = isSame(kept, before) ? before : plainOf(kept)
  if (!data || (kept && beside === undefined)) return undefined
  const stored = known?.record['cookie']
  const shown = plainCookie(cookie, end, isObject(stored) ? stored : undefined)
  if (!shown) return undefined
  if (known && shown === stored && data === known.data && beside === before) return known.record
  return { cookie: shown, ...data, ...(beside !== undefined && { [keptField]: beside }) }
}

function plainData(session: Session, known: JsonObject | undefined): JsonObject | undefined {
  if (known && hasSameFields(session, known, [], 0, 'cookie')) return known
  return plainFields(dataOf(session), known)
}

/** The fields of a cookie as its text has them. */
function plainCookie(
  { data }: Cookie,
  end: End,
  known: JsonObject | undefined,
): JsonObject | undefined {
  if (known && showsSame(data, end, known)) return known
  return plainFields(shownOf(data, end), known)
}

type Attributes = Cookie['data']

function showsSame(data: Attributes, end: End, known: JsonObject): boolean {
  const names = Object.keys(known)
  let at = 0
  for (const name in data) {
    const shown = shownAs(data, name, end)
    if (shown === undefined) continue
    if (names[at++] !== name || known[name] !== shown) return false
  }
  return at === names.length
}

/** The fields of a cookie as its text has them. */
function shownOf(data: Attributes, end: End): object {
  const shown: Record<string, unknown> = {}
  for (const name in data) {
    const value = shownAs(data, name, end)
    if (value !== undefined) shown[name] = value
  }
  return shown
}

function shownAs(data: Attributes, name: string, end: End): unknown {
  const value = name === 'expires' ? end : data[name]
  return value instanceof Date ? value.toJSON() : value
}

/** Whether it is a visitor's of whom there is nothing to keep. */
function isBlank({ blank }: Visit, session: Session): boolean {
  return isEmpty(session) || (blank !== undefined && JSON.stringify(dataOf(session)) === blank)
}

interface Untouched {
  readonly base: string
  readonly end: End
  readonly text: string
}

/**
 * What the text of a session would be if nothing had changed since it was loaded. A write asks twice within
 * one visit, and the whole record is parsed and written for it, so it is kept until the visit ends.
 */
function createUntouched(cookies: Pick<AnswerCookies, 'attributesFor'>) {
  const texts = new WeakMap<Visit, Untouched>()

  return (visit: Visit, session: Session): string => {
    const { request, view: base = visit.base } = visit
    const end = session.cookie._expires
    const known = texts.get(visit)
    if (known && known.base === base && known.end === end) return known.text
    const text = untouchedText(base, session, cookies.attributesFor(request))
    // A new session's cookie is still its own: there is nothing to keep.
    if (base !== undefined) texts.set(visit, { base, end, text })
    return text
  }
}
