/**
 * The collection `sess` has when it is given none: rows in the memory of one process, with modeler's hooks.
 * Bounded: the rows longest out of use go first.
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
    return ask('load')(decode(text) as ModelerRow)
  }

  async function save(row: ModelerRow): Promise<ModelerRow> {
    const { rev } = row
    const stored = texts.get(row.id)
    if (stored !== undefined && Number(decode(stored)['rev']) > Number(rev)) {
      throw Object.assign(new Error('cannot save over a newer revision'), { code: 'REV_CONFLICT' })
    }
    row.rev = Number(rev) + 1
    row.updated = new Date()
    const written = await ask('save')(row)
    keep(row.id, encode(written))
    await ask('afterSave')(row)
    return row
  }

  async function destroy(id: string): Promise<void> {
    const text = texts.get(id)
    if (text === undefined) return
    const row = decode(text) as ModelerRow
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

function answer<T>(work: Promise<T>, done: (error: unknown, value?: T) => void): void {
  work.then(
    (value) => process.nextTick(done, null, value),
    (error: unknown) => process.nextTick(done, error),
  )
}
