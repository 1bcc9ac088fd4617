/**
 * Sessions as rows of a modeler collection, and back: as one text, which no back-end changes, or flat as
 * `sess` writes them. Reads and writes nothing.
 */
import { isDeepStrictEqual } from 'node:util'
import { CatamaranError } from '../../errors.ts'
import type { ConnectSession } from './connect-face.ts'
import type { ModelerRow } from './modeler-collection.ts'

/** How sessions stand in rows. */
export interface RowForm {
  /** What a row becomes that is to hold a session, copied at once: its owner may go on changing it. */
  writer(session: ConnectSession): (row: ModelerRow) => ModelerRow
  /** What a row becomes whose session is used again: its cookie is renewed, its data stay. */
  renewer(session: ConnectSession): (row: ModelerRow) => ModelerRow
  /** @throws {SyntaxError} for a text that is no JSON */
  sessionOf(row: ModelerRow): ConnectSession
  /** When the session ends, in milliseconds since the epoch; never where that is NaN. */
  endOf(row: ModelerRow): number
}

export interface RowLife {
  /** Life in **seconds** of sessions whose cookie has no end. */
  readonly ttl: number | undefined
  clock(): number
}

/** modeler's own fields of a row. */
const bookkeeping = ['id', 'created', 'updated', 'rev']
/** What sessions without a cookie are read with: sess keeps none in its rows. */
const sessCookie = { originalMaxAge: null, expires: null, httpOnly: true, path: '/' }

/** One text under `session`; what else a row needs stands beside it. */
export function textForm({ ttl, clock }: RowLife, flat: RowForm): RowForm {
  const seconds = ttl ?? Number.NaN

  /** Only where the text itself does not tell. */
  function end(text: string, { cookie }: ConnectSession): { expires?: number } {
    if (Number.isFinite(timeOf(cookieIn(text)?.expires))) return {}
    const shown = timeOf(cookie?.expires)
    const expires = Number.isNaN(shown) ? clock() + seconds * 1000 : shown
    return Number.isNaN(expires) ? {} : { expires }
  }

  return {
    writer(session) {
      const text = JSON.stringify(session)
      const rest = { session: text, ...end(text, session) }
      return (row) => ({ ...around(row), ...rest })
    },
    renewer(session) {
      const cookie = JSON.stringify(session.cookie)
      return (row) => {
        if (typeof row['session'] !== 'string') return row
        const stored = JSON.parse(row['session'])
        const shown = cookie === undefined ? stored : { ...stored, cookie: JSON.parse(cookie) }
        const text = JSON.stringify(shown)
        return { ...around(row), session: text, ...end(text, session) }
      }
    },
    sessionOf(row) {
      return typeof row['session'] === 'string' ? JSON.parse(row['session']) : flat.sessionOf(row)
    },
    endOf(row) {
      const { session: text, expires } = row
      if (typeof text !== 'string') return Number.NaN
      const told = timeOf(cookieIn(text)?.expires)
      return Number.isNaN(told) ? timeOf(expires) : told
    },
  }
}

/** Data beside modeler's fields, a cookie only where it has an end of its own. */
export function flatForm({ ttl }: RowLife): RowForm {
  return {
    writer(session) {
      const { cookie, ...data } = copyOf({ ...session })
      const taken = Object.keys(data).find((key) => bookkeeping.includes(key) || /^__/.test(key))
      if (taken) {
        throw new CatamaranError('E_SESSION_VALUE', [taken, 'flat rows keep their own field there'])
      }
      return (row) => ({ ...ownFields(row), ...data, ...keptCookie(cookie) })
    },
    renewer({ cookie }) {
      const kept = keptCookie(copyOf({ cookie }).cookie)
      return (row) => ({ ...row, ...kept })
    },
    sessionOf(row) {
      const { cookie = { ...sessCookie }, ...fields } = copyOf<ModelerRow & { cookie?: unknown }>(
        row,
      )
      for (const key of bookkeeping) delete (fields as Record<string, unknown>)[key]
      return { cookie, ...fields } as ConnectSession
    },
    endOf(row) {
      const told = timeOf(Object(row['cookie']).expires)
      if (!Number.isNaN(told) || ttl === undefined) return told
      return timeOf(row.updated ?? row.created) + ttl * 1000
    },
  }
}

/** A row's session with its `id`; none where its text is no JSON: it hides no other. */
export function readable(form: RowForm, row: ModelerRow): ConnectSession[] {
  try {
    return [{ ...form.sessionOf(row), id: row.id }]
  } catch {
    return []
  }
}

/** The row without its session; fields that an app's hooks have put beside it stay. */
function around(row: ModelerRow): ModelerRow {
  const { session, expires: _, ...others } = row
  // Data of a flat row stand in the text from now on.
  return typeof session === 'string' || row.rev === 0 ? others : ownFields(row)
}

function ownFields({ id, created, updated, rev }: ModelerRow): ModelerRow {
  const row: ModelerRow = { id, created, rev: typeof rev === 'number' && rev >= 0 ? rev : 0 }
  return updated === undefined ? row : { ...row, updated }
}

/** A cookie with nothing to say is left out, as sess leaves it. */
function keptCookie(cookie: unknown): { cookie?: unknown } {
  const plain = { ...sessCookie, ...Object(cookie) }
  return isDeepStrictEqual(plain, sessCookie) ? {} : { cookie: plain }
}

/** With its Dates where that can be; else as JSON has it. */
function copyOf<T extends { cookie?: unknown }>(value: T): T {
  const { cookie, ...data } = value
  const json = JSON.stringify(cookie)
  const shown = json === undefined ? {} : { cookie: JSON.parse(json) }
  try {
    return { ...structuredClone(data), ...shown } as T
  } catch {
    return { ...JSON.parse(JSON.stringify(data)), ...shown }
  }
}

function cookieIn(text: string): { expires?: unknown } | undefined {
  try {
    return Object(JSON.parse(text)).cookie
  } catch {
    return undefined
  }
}

/** NaN for what is no time. */
function timeOf(value: unknown): number {
  if (value instanceof Date) return value.getTime()
  return typeof value === 'string' || typeof value === 'number'
    ? new Date(value).getTime()
    : Number.NaN
}
