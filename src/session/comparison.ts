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
import { type Fields, type Written, writeFields } from './written.ts'

/** A session's text, and the one it would have unchanged: both with the same end of its life. */
export interface Compared {
  readonly base: string
  readonly now: string
  /** `now` field by field, where nothing stands in it that JSON drops or changes. */
  readonly written: Written | undefined
}

export function createComparison(cookies: Pick<AnswerCookies, 'attributesFor'>) {
  const untouched = createUntouched(cookies)

  /** What has changed since the session was read; `undefined` when nothing has. */
  function changeOf(visit: Visit, session: Session): Compared | undefined {
    const known = knownOf(visit)
    const fields = fieldsOf(session, known, visit.shownEnd)
    if (known && fields && saysSame(fields, known)) return undefined
    const written = fields && writeFields(fields, known)
    const now = written?.text ?? textWithEnd(session, visit.shownEnd)
    if (now === visit.base) return undefined
    if (known?.isOwn) return { base: known.text, now, written }
    const change = againstUntouched(visit, session, written)
    return change.base === change.now ? undefined : change
  }

  /** The same whether or not anything has. */
  function compared(visit: Visit, session: Session): Compared {
    const known = knownOf(visit)
    const fields = fieldsOf(session, known, visit.shownEnd)
    const written = fields && writeFields(fields, known)
    if (!known?.isOwn) return againstUntouched(visit, session, written)
    return { base: known.text, now: written?.text ?? textWithEnd(session, visit.shownEnd), written }
  }

  function againstUntouched(
    visit: Visit,
    session: Session,
    written: Written | undefined,
  ): Compared {
    const base = untouched(visit, session)
    const isAsShown = session.cookie._expires === visit.shownEnd
    if (written && isAsShown) return { base, now: written.text, written }
    return { base, now: textOf(session), written: undefined }
  }

  return { untouched, changeOf, isBlank, compared }
}

/** What a session says now of which it was known a moment ago what it said, but for its cookie and what is kept. */
export function writtenAgain(session: Session, last: Written): Written | undefined {
  const { cookie, [keptField]: kept } = session
  const beside = keptAs(kept, last)
  const shown = plainCookie(cookie, cookie._expires, undefined)
  if (!shown || (kept && beside === undefined)) return undefined
  return writeFields({ cookie: shown, data: last.data, kept: beside }, last)
}

/** What the session stands on, where it shows it as it is. */
function knownOf({ base, view, known }: Visit): Known | undefined {
  return view === undefined && known?.text === base ? known : undefined
}

type End = Cookie['_expires']

/**
 * What the text of a session says: of what it stands on the very fields that have not changed. Without
 * writing the text; `undefined` where only the text can tell.
 *
 * @param end - the end of its life that its text shows
 */
function fieldsOf(session: Session, known: Known | undefined, end: End): Fields | undefined {
  const { cookie, [keptField]: kept } = session
  if (!(cookie instanceof Cookie)) return undefined
  const data = plainData(session, known?.data)
  const beside = keptAs(kept, known)
  if (!data || (kept && beside === undefined)) return undefined
  const stored = known?.record['cookie']
  const shown = plainCookie(cookie, end, isObject(stored) ? stored : undefined)
  return shown && { cookie: shown, data, kept: beside }
}

function saysSame({ cookie, data, kept }: Fields, { record, data: known }: Known): boolean {
  return cookie === record['cookie'] && data === known && kept === record[keptField]
}

function keptAs(kept: Session[typeof keptField], known: Pick<Known, 'record'> | undefined) {
  const before = known?.record[keptField]
  return isSame(kept, before) ? before : plainOf(kept)
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
  return isEmpty(session, blank)
}

interface Untouched {
  readonly base: string
  readonly end: End
  readonly text: string
}

/**
 * What the text of a session would be if nothing had changed since it was loaded. The whole
 * record is parsed and written for it, so it is kept until the visit ends, for who asks again.
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
