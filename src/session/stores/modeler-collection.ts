/**
 * A modeler collection as promises: each call has a deadline and settles once, writes are tried again on
 * another revision, rows are walked by pages. Knows no sessions.
 */
import { CatamaranError } from '../../errors.ts'
import { type Call, createCall, has } from './connect-calls.ts'

type Done<T> = (error: unknown, value?: T) => void

/** What modeler keeps: an object with its own bookkeeping beside an app's fields. */
export interface ModelerRow {
  id: string
  created?: unknown
  updated?: unknown
  rev?: unknown
  [field: string]: unknown
}

/** A collection of `modeler` 0.4, whatever its back-end. */
export interface ModelerCollection {
  readonly options?: object
  create(fields: object): ModelerRow
  load(id: string, done: Done<ModelerRow | null>): unknown
  save(row: ModelerRow, done: Done<ModelerRow>): unknown
  destroy(id: string, done: Done<unknown>): unknown
  list?(options: object, done: Done<readonly string[]>): unknown
}

export interface ModelerRows {
  /** Gives a row of one's own to change; `undefined` for what is no row. */
  load(id: string): Promise<ModelerRow | undefined>
  /** Stores what `change` makes of the row; nothing when that is nothing. Tells whether it stored. */
  change(id: string, change: Change): Promise<boolean>
  /** Stores a row once, and gives it with what that made of it; `REV_CONFLICT` is for its caller. */
  save(row: ModelerRow): Promise<ModelerRow>
  destroy(id: string): Promise<void>
  /** All rows, a page at a time. */
  pages(): AsyncIterable<readonly ModelerRow[]>
}

export type Change = (row: ModelerRow | undefined) => ModelerRow | undefined

/** Tries of one write against others who write the same row. */
const rounds = 50
const pageSize = 100

/** What modeler-redis does not understand, as far as it can be seen. */
export function clientFault(collection: ModelerCollection): string | undefined {
  const client: unknown = Reflect.get(collection.options ?? {}, 'client')
  if (typeof client !== 'object' || client === null || !has(client, 'get')) return undefined
  // Promises where it waits for callbacks, or lower-case methods where it calls upper-case ones.
  const isModern = 'isReady' in client && !('v4' in client)
  if (has(client, 'GET') && !isModern) return undefined
  return 'modeler-redis needs a client of the package redis 0.8 to 3, which takes callbacks'
}

/** @throws {CatamaranError} `E_STORE_OPTIONS` for what is no collection */
export function refuseOthers(
  collection: ModelerCollection,
  methods: readonly string[] = ['create', 'load', 'save', 'destroy'],
): void {
  const lacking = methods.find((method) => !has(Object(collection), method))
  if (lacking) {
    throw new CatamaranError('E_STORE_OPTIONS', ['modeler', `the collection has no ${lacking}()`])
  }
}

/** @param seconds - how long one call may take */
export function createModelerRows(collection: ModelerCollection, seconds: number): ModelerRows {
  const call = createGuardedCall(collection, seconds)

  async function load(id: string): Promise<ModelerRow | undefined> {
    const row = (await call('load', id)) as ModelerRow | null | undefined
    // What a back-end keeps for itself beside its rows goes by no id.
    return typeof row === 'object' && row?.id === id ? row : undefined
  }

  async function change(id: string, by: Change): Promise<boolean> {
    for (let round = 1; ; round += 1) {
      const changed = by(await load(id))
      if (!changed) return false
      try {
        await call('save', changed)
        return true
      } catch (error) {
        if (!isConflict(error) || round === rounds) throw error
      }
    }
  }

  return {
    load,
    change,
    async save(row) {
      return ((await call('save', row)) ?? row) as ModelerRow
    },
    async destroy(id) {
      await call('destroy', id)
    },
    async *pages() {
      refuseOthers(collection, ['list'])
      for (let offset = 0; ; offset += pageSize) {
        const ids = (await call('list', { offset, limit: pageSize })) as readonly string[]
        if (ids.length === 0) return
        const rows = (await call('load', [...ids])) as readonly (ModelerRow | null)[]
        yield rows.filter((row) => row !== null && row !== undefined)
      }
    },
  }
}

/** Whether somebody has stored a newer revision meanwhile. */
export function isConflict(error: unknown): boolean {
  return Object(error).code === 'REV_CONFLICT'
}

/** The wrong client shows only by its silence, where it can't be seen. */
function createGuardedCall(collection: ModelerCollection, seconds: number): Call {
  const bare = createCall(collection as never, { name: 'modeler', seconds })
  let answered = false

  return async (method, ...given) => {
    const fault = answered ? undefined : clientFault(collection)
    if (fault) throw new CatamaranError('E_STORE_OPTIONS', ['modeler', fault])
    try {
      const value = await bare(method, ...given)
      answered = true
      return value
    } catch (error) {
      if (answered || Object(error).code !== 'E_STORE_DOWN') throw error
      throw new CatamaranError('E_MODELER_SILENT', [`${seconds}`], { cause: error })
    }
  }
}
