/**
 * The commands that read and write documents.
 */
import { bad, type Doc, Refusal, refuseUnknown } from './bson.ts'
import { type Collection, type Collections, found } from './collections.ts'
import type { Cursors } from './cursors.ts'
import { isOperators } from './match.ts'
import { compare, equal, numberOf } from './order.ts'
import { getAt, setAt } from './paths.ts'
import { updated } from './updates.ts'

/** A command's document gives an answer's document. */
export type Command = (command: Doc) => Doc

interface UpdateWish {
  readonly q: Doc
  readonly u: Doc | readonly Doc[]
  readonly multi?: boolean
  readonly upsert?: boolean
  readonly sort?: Doc
}

export function createCrud(collections: Collections, cursors: Cursors): Record<string, Command> {
  const at = (command: Doc, name: string) =>
    collections.find(String(command['$db']), String(command[name]))
  const makeAt = (command: Doc, name: string) =>
    collections.make(String(command['$db']), String(command[name]))

  const change = (collection: Collection, wish: UpdateWish) => update(collections, collection, wish)

  function removed({ query = {}, ...command }: Doc & { query?: Doc }): Doc {
    const collection = at(command, 'findAndModify')
    const [doc] = found(collection, query, new Date())
    if (collection && doc) collections.remove(collection, doc)
    return { lastErrorObject: { n: doc ? 1 : 0 }, value: doc ?? null }
  }

  return {
    insert(command) {
      const collection = makeAt(command, 'insert')
      const insert = (doc: Doc) => void collections.insert(collection, doc)
      const { done, ...errors } = each(command, 'documents', insert)
      return { n: done, ...errors }
    },

    update(command) {
      const wishes = command['updates'] as UpdateWish[]
      const collection = wishes.some(({ upsert }) => upsert)
        ? makeAt(command, 'update')
        : at(command, 'update')
      const sum = { n: 0, nModified: 0, upserted: [] as Doc[] }
      const { done: _, ...errors } = each(command, 'updates', (wish, index) => {
        refuseUnknown(wish)
        if (!collection) return
        const { matched, modified, upserted } = change(collection, wish as unknown as UpdateWish)
        sum.n += matched
        sum.nModified += modified
        if (upserted) sum.upserted.push({ index, _id: upserted['_id'] })
      })
      const { upserted, ...counts } = sum
      return { ...counts, ...(upserted.length > 0 && { upserted }), ...errors }
    },

    delete(command) {
      const collection = at(command, 'delete')
      let n = 0
      const { done: _, ...errors } = each(command, 'deletes', ({ q, limit }) => {
        const all = [...found(collection, q as Doc, new Date())]
        for (const doc of numberOf(limit) === 1 ? all.slice(0, 1) : all) {
          if (collection) collections.remove(collection, doc)
          n += 1
        }
      })
      return { n, ...errors }
    },

    findAndModify(command) {
      refuseUnknown(command)
      if (command['remove']) return removed(command)
      const { query = {}, update: u, upsert, sort } = command as Doc & { query?: Doc; update: Doc }
      const wish = { q: query, u, upsert: upsert === true, ...(sort ? { sort: sort as Doc } : {}) }
      const collection = wish.upsert
        ? makeAt(command, 'findAndModify')
        : at(command, 'findAndModify')
      const result = collection && change(collection, wish)
      const value = command['new'] ? result?.after : result?.before
      const matched = result?.matched ?? 0
      return {
        lastErrorObject: { n: matched, updatedExisting: matched > 0 && !result?.upserted },
        value: value ? projected(value, command['fields'] as Doc) : null,
      }
    },

    find(command) {
      refuseUnknown(command)
      const { filter = {}, sort, projection } = command as Record<string, Doc | undefined>
      const docs = [...found(at(command, 'find'), filter, new Date())]
      if (sort) docs.sort(by(sort))
      const from = numberOf(command['skip']) ?? 0
      const limit = Math.abs(numberOf(command['limit']) ?? 0) || docs.length
      const page = docs.slice(from, from + limit).map((doc) => projected(doc, projection))
      return cursors.open(`${command['$db']}.${command['find']}`, page, command)
    },

    count: (command) => ({
      n: [...found(at(command, 'count'), (command['query'] ?? {}) as Doc, new Date())].length,
    }),
  }
}

/** Runs one part of a command after the other; what is refused is told with its place. */
function each(command: Doc, name: string, run: (part: Doc, index: number) => void) {
  const writeErrors: Doc[] = []
  let done = 0
  for (const [index, part] of (command[name] as Doc[]).entries()) {
    try {
      run(part, index)
      done += 1
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      writeErrors.push({ index, code: error.code, errmsg: error.message, ...error.details })
      if (command['ordered'] !== false) break
    }
  }
  return { done, ...(writeErrors.length > 0 && { writeErrors }) }
}

function update(collections: Collections, collection: Collection, wish: UpdateWish) {
  const { q, u, multi, upsert, sort } = wish
  const now = new Date()
  // MongoDB would not know what to insert.
  if (upsert && '$expr' in q) {
    throw new Refusal(
      224,
      'QueryFeatureNotAllowed',
      '$expr is not allowed in the query predicate for an upsert',
    )
  }
  const all = [...found(collection, q, now)]
  if (sort) all.sort(by(sort))
  const chosen = multi ? all : all.slice(0, 1)
  if (chosen.length === 0) {
    if (!upsert) return { matched: 0, modified: 0 }
    const fresh = updated(fromFilter(q), u, { now, inserting: true })
    const after = collections.insert(collection, fresh)
    return { matched: 1, modified: 0, upserted: after, after }
  }
  let modified = 0
  let after: Doc | undefined
  for (const before of chosen) {
    after = updated(before, u, { now, inserting: false })
    if (!equal(after['_id'], before['_id'])) {
      throw new Refusal(
        66,
        'ImmutableField',
        "the (immutable) field '_id' was found to have been altered",
      )
    }
    if (equal(before, after)) continue
    collections.put(collection, after)
    modified += 1
  }
  return { matched: chosen.length, modified, before: chosen[0], after }
}

/** What an upsert begins with: the filter's equalities. */
function fromFilter(filter: Doc): Doc {
  const doc: Doc = {}
  for (const [name, condition] of Object.entries(filter)) {
    if (name.startsWith('$')) continue
    if (!isOperators(condition)) setAt(doc, name, condition)
    else if ('$eq' in condition) setAt(doc, name, condition['$eq'])
  }
  return doc
}

/** For `Array.sort`. */
export function by(sort: Doc): (a: Doc, b: Doc) => number {
  return (a, b) => {
    for (const [path, direction] of Object.entries(sort)) {
      const step = compare(getAt(a, path), getAt(b, path))
      if (step !== 0) return numberOf(direction) === -1 ? -step : step
    }
    return 0
  }
}

/** Fields named with 1, or all but those named with 0. */
export function projected(doc: Doc, projection: Doc | undefined): Doc {
  const wishes = Object.entries(projection ?? {})
  if (wishes.some(([path, wish]) => path.includes('.') || numberOf(wish) === undefined)) {
    throw bad('stand-in: only whole fields can be projected')
  }
  const named = new Map(wishes.map(([path, wish]) => [path, numberOf(wish) === 1]))
  const including = wishes.some(
    ([path, wish]) => numberOf(wish) === 1 && (path !== '_id' || wishes.length === 1),
  )
  const isIn = (path: string) => named.get(path) ?? (path === '_id' || !including)
  return Object.fromEntries(Object.entries(doc).filter(([path]) => isIn(path)))
}
