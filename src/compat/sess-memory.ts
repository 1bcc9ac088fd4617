/**
 * The collection `sess` has when it is given none: rows in the memory of one process, with modeler's hooks.
 * Bounded: the rows longest out of use go first. As in modeler, fields that begin with `__` are stored and not
 * given, and a `save` hook finds the row it replaces on `__old`.
 */
import { randomBytes } from 'node:crypto'
import type { ModelerCollection, ModelerRow } from '../session/stores/modeler-collection.ts'
import { decode, encode } from './sess-values.ts'

type Done = (error?: unknown, other?: ModelerRow | null) => void
type Hook = (row: ModelerRow, done: Done) => unknown

/** What modeler calls around its work, as its options name it. */
export interface SessHooks {
  create?(row: ModelerRow): unknown
  load?: Hook
  save?: Hook
  afterSave?: Hook
  destroy?: Hook
  afterDestroy?: Hook
}

/** Rows kept at most. */
const most = 100_000

/** @param limit - rows kept at most */
export function createSessMemory(hooks: SessHooks, limit = most): ModelerCollection {
  const texts = new Map<string, string>()

  /** Asks a hook, which may answer with another row. */
  function ask(name: 'load' | 'save' | 'afterSave' | 'destroy' | 'afterDestroy') {
    return (row: ModelerRow) =>
      new Promise<ModelerRow>((resolve, reject) => {
        const hook = hooks[name]
        if (!hook) return resolve(row)
        hook.call(collection, row, (error, other) =>
          error ? reject(error) : resolve(other ?? row),
        )
      })
  }

  async function load(id: string): Promise<ModelerRow | null> {
    const text = texts.get(id)
    if (text === undefined) return null
    keep(id, text)
    const row = await ask('load')(decode(text) as ModelerRow)
    forget(row, hiddenKeys(row))
    return row
  }

  async function save(row: ModelerRow): Promise<ModelerRow> {
    const text = texts.get(row.id)
    const stored = text === undefined ? undefined : decode(text)
    if (Number(stored?.['rev']) > Number(row.rev)) {
      throw Object.assign(new Error('cannot save over a newer revision'), { code: 'REV_CONFLICT' })
    }
    if (stored) Object.assign(row, { ...hiddenOf(stored), ...row, __old: stored })
    row.rev = Number(row.rev) + 1
    row.updated = new Date()
    const written = await ask('save')(row)
    forget(written, ['__old'])
    keep(row.id, encode(written))
    forget(row, hiddenKeys(row))
    await ask('afterSave')(row)
    return row
  }

  async function destroy(id: string): Promise<void> {
    const row = await load(id)
    if (!row) return
    await ask('destroy')(row)
    texts.delete(id)
    await ask('afterDestroy')(row)
  }

  function keep(id: string, text: string): void {
    texts.delete(id)
    texts.set(id, text)
    const [oldest] = texts.keys()
    if (texts.size > limit && oldest !== undefined) texts.delete(oldest)
  }

  const collection: ModelerCollection = {
    create(fields) {
      const made = { id: randomBytes(12).toString('base64url'), created: new Date(), rev: 0 }
      const row: ModelerRow = { ...made, ...fields }
      hooks.create?.call(collection, row)
      return row
    },
    load: (id, done) => answer(load(id), done),
    save: (row, done) => answer(save(row), done),
    destroy: (id, done) => answer(destroy(id), done),
  }
  return collection
}

function hiddenKeys(row: object): string[] {
  return Object.keys(row).filter((key) => key.startsWith('__'))
}

function hiddenOf(row: Record<string, unknown>): object {
  return Object.fromEntries(hiddenKeys(row).map((key) => [key, row[key]]))
}

function forget(row: ModelerRow, keys: readonly string[]): void {
  for (const key of keys) Reflect.deleteProperty(row, key)
}

function answer<T>(work: Promise<T>, done: (error: unknown, value?: T) => void): void {
  work.then(
    (value) => process.nextTick(done, null, value),
    (error: unknown) => process.nextTick(done, error),
  )
}
