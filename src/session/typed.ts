/**
 * Typed session data: what the app's schema and version make of a record. A session shows what fits, with its
 * defaults; what the schema doesn't name stays in the store unseen, for whoever else writes there.
 */
import type { Issue, StandardSchema, Validation } from '../config/data-schema.ts'
import { CatamaranError } from '../errors.ts'
import { keptField, keptOf } from './kept.ts'
import type { JsonObject } from './merge.ts'
import { isObject } from './record.ts'

export interface TypedOptions {
  readonly schema: StandardSchema | undefined
  /** The version records are written in; 0 where the app has none. */
  readonly version: number
  migrate?: ((data: JsonObject, from: number) => unknown) | undefined
  warn(message: string): void
}

export interface Typed {
  /**
   * Brings a record to the app's version.
   *
   * @throws {CatamaranError} `E_SESSION_MIGRATE`
   */
  upgrade(record: JsonObject): JsonObject
  /** What a session shows of a record of that version: defaults filled in, what does not fit set aside. */
  show(record: JsonObject): JsonObject
  /** Both: what a session shows of a record as it is stored. */
  view(record: JsonObject): JsonObject
  /** The whole record as changes of such a session are merged onto it: what is not shown stands there, too. */
  fill(record: JsonObject): JsonObject
  /**
   * The data as it may be stored.
   *
   * @throws {CatamaranError} `E_SESSION_DATA` naming what does not fit
   */
  check(data: object): object
}

export function createTyped({ schema, version, migrate, warn }: TypedOptions): Typed {
  const told = new Set<string>()

  function upgrade(record: JsonObject): JsonObject {
    const from = keptOf(record)?.version ?? 0
    // A newer one was written by a newer app: it is left as it is.
    if (from >= version) return record
    const { cookie, [keptField]: kept, ...data } = record
    const known = { ...(cookie !== undefined && { cookie }) }
    return { ...known, ...migrated(data, from), [keptField]: { ...asObject(kept), version } }
  }

  function migrated(data: JsonObject, from: number): JsonObject {
    if (!migrate || Object.keys(data).length === 0) return data
    try {
      const after = migrate(data, from) ?? data
      if (!isObject(after) || after instanceof Promise)
        throw new Error('it gave no plain object; it must not be async')
      return after
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new CatamaranError('E_SESSION_MIGRATE', [String(from), why], { cause })
    }
  }

  function validate(data: object): Validation {
    if (!schema) return { value: data }
    const result = schema['~standard'].validate(data)
    if (!(result instanceof Promise)) return result
    result.catch(() => {})
    return { issues: [{ message: 'the schema is async, which a session can’t wait for' }] }
  }

  function show(record: JsonObject): JsonObject {
    const { cookie, [keptField]: kept, ...data } = record
    const shown = fitting(data)
    const known = { ...(cookie !== undefined && { cookie }) }
    return { ...known, ...shown, ...(kept !== undefined && { [keptField]: kept }) }
  }

  function fitting(data: JsonObject): JsonObject {
    const result = validate(data)
    if (!result.issues) return result.value as JsonObject
    // One field that no longer fits is no reason to lose a login.
    const { issues } = result
    const misfits = new Set(issues.map((issue) => String(keyOf(issue.path?.[0] ?? ''))))
    const rest = Object.entries(data).filter(([key]) => !misfits.has(key))
    for (const issue of issues) tell(issue)
    const again = validate(Object.fromEntries(rest))
    return again.issues ? data : (again.value as JsonObject)
  }

  function tell(issue: Issue): void {
    const path = pathOf(issue)
    if (told.has(path) || told.size >= mostTold) return
    told.add(path)
    warn(
      `stored sessions hold ${path} that does not fit session.data and is not shown: ${issue.message}`,
    )
  }

  function check(data: object): object {
    const result = validate(data)
    if (!result.issues) return result.value as object
    const [first = { message: 'it does not fit' }] = result.issues
    throw new CatamaranError('E_SESSION_DATA', [pathOf(first), first.message])
  }

  function fill(record: JsonObject): JsonObject {
    const current = upgrade(record)
    return { ...current, ...show(current) }
  }

  return { upgrade, show, check, fill, view: (record) => show(upgrade(record)) }
}

/** Paths that are told of; more of them say nothing new. */
const mostTold = 20

function pathOf({ path = [] }: Issue): string {
  return ['session', ...path.map((part) => String(keyOf(part)))].join('.')
}

function keyOf(part: PropertyKey | { readonly key: PropertyKey }): PropertyKey {
  return typeof part === 'object' ? part.key : part
}

function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}
