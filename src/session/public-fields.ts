/**
 * Public fields: what of a session the pages that stand on it are told, and whether a text that was just
 * stored changes any of it. Knows no socket, and sends nothing.
 */
import type { Ask } from './budget.ts'
import { equal, type Json, type JsonObject } from './merge.ts'
import { isLiving, parseRecord } from './record.ts'
import type { Fields, SessionSettings } from './settings.ts'

export interface PublicFields {
  /** Of a session that holds nothing. */
  readonly none: Fields
  /** Of a record, as the session made of it shows them. */
  of(record: JsonObject): Fields
  /** Of a session as an action holds it. */
  shownBy(session: object): Fields
  /** What is stored now; `undefined` when there is no such session. */
  read(id: string): Promise<Fields | undefined>
  /** A text was stored in the place of another, or of none: reports it where public fields differ. */
  stored(id: string, before: string | undefined, after: string): void
}

/** Nothing where the config declares no field public. */
export function createPublicFields(
  { public: names = [], typed, store, life, report }: SessionSettings,
  ask: Ask,
): PublicFields | undefined {
  if (names.length === 0) return undefined

  const of = (record: JsonObject) => shownBy(typed ? typed.view(record) : record)

  function shownBy(session: object): Fields {
    return Object.fromEntries(names.map((name) => [name, plain(session, name)]))
  }

  return {
    none: of({}),
    of,
    shownBy,
    async read(id) {
      const text = await ask({ waited: 0 }, () => store.read(id), 'read')
      const record = text === undefined ? undefined : parseRecord(text)
      return record && isLiving(record, life) ? of(record) : undefined
    },
    stored(id, before, after) {
      const [was, is] = [before, after].map((text = '{}') => of(parseRecord(text) ?? {}))
      if (was && is && newsIn(was, is)) report.changed?.(id, is)
    },
  }
}

/** What somebody who knows these fields has to be told; `undefined` when it is nothing. */
export function newsIn(known: Fields | undefined, now: Fields): Fields | undefined {
  if (!known) return now
  const changed = Object.entries(now).filter(([name, value]) => !equal(known[name] ?? null, value))
  return changed.length > 0 ? Object.fromEntries(changed) : undefined
}

/** A field as it will be read again. */
function plain(session: object, name: string): Json {
  const value: unknown = Object.hasOwn(session, name) ? Reflect.get(session, name) : null
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  return JSON.parse(JSON.stringify(value) ?? 'null') as Json
}
