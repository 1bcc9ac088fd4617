/**
 * Where the stand-in keeps documents: collections with their indexes, in memory, and on disk as a log of
 * changes where a file is given. One command runs after the other, so each is atomic.
 */
import { bson, type Doc, Refusal } from './bson.ts'
import { matches } from './match.ts'
import { equal, isDoc, numberOf } from './order.ts'
import { getAt } from './paths.ts'

export interface Index {
  readonly name: string
  readonly key: Doc
  readonly unique?: boolean
  readonly expireAfterSeconds?: unknown
}

export interface Collection {
  readonly db: string
  readonly name: string
  /** By the key of `_id`. */
  readonly docs: Map<string, Doc>
  readonly indexes: Map<string, Index>
}

/** One change, as the log keeps it. */
export type Change =
  | { readonly do: 'create' | 'drop'; readonly db: string; readonly in: string }
  | { readonly do: 'put'; readonly db: string; readonly in: string; readonly doc: Doc }
  | { readonly do: 'remove'; readonly db: string; readonly in: string; readonly id: unknown }
  | { readonly do: 'index'; readonly db: string; readonly in: string; readonly index: Index }
  | { readonly do: 'unindex'; readonly db: string; readonly in: string; readonly name: string }

const largest = 16 * 2 ** 20

/** Opens an empty place; `record` is told of each change before it is answered. */
export function createCollections(record: (change: Change) => void) {
  const all = new Map<string, Collection>()
  const find = (db: string, name: string) => all.get(`${db}.${name}`)

  function make(db: string, name: string): Collection {
    const known = find(db, name)
    if (known) return known
    const ids: Index = { name: '_id_', key: { _id: 1 } }
    const made = { db, name, docs: new Map(), indexes: new Map([[ids.name, ids]]) }
    all.set(`${db}.${name}`, made)
    record({ do: 'create', db, in: name })
    return made
  }

  function drop(db: string, name: string): boolean {
    const dropped = all.delete(`${db}.${name}`)
    if (dropped) record({ do: 'drop', db, in: name })
    return dropped
  }

  function put(collection: Collection, doc: Doc): void {
    const size = bson.calculateObjectSize(doc)
    if (size > largest) {
      throw new Refusal(10_334, 'BSONObjectTooLarge', `BSONObj size: ${size} is invalid`)
    }
    checkUnique(collection, doc)
    collection.docs.set(keyOf(doc['_id']), doc)
    record({ do: 'put', db: collection.db, in: collection.name, doc })
  }

  function insert(collection: Collection, doc: Doc): Doc {
    const { _id = new bson.ObjectId(), ...fields } = doc
    if (collection.docs.has(keyOf(_id))) throw duplicate(collection, '_id_', { _id })
    const whole = { _id, ...fields }
    put(collection, whole)
    return whole
  }

  function remove({ db, name, docs }: Collection, doc: Doc): void {
    docs.delete(keyOf(doc['_id']))
    record({ do: 'remove', db, in: name, id: doc['_id'] })
  }

  function addIndex({ db, name, indexes }: Collection, index: Index): void {
    indexes.set(index.name, index)
    record({ do: 'index', db, in: name, index })
  }

  function removeIndex({ db, name, indexes }: Collection, index: string): boolean {
    const removed = indexes.delete(index)
    if (removed) record({ do: 'unindex', db, in: name, name: index })
    return removed
  }

  /** Removes what a TTL index says has expired. */
  function expire(): void {
    for (const collection of all.values()) {
      for (const { key, expireAfterSeconds } of collection.indexes.values()) {
        const seconds = numberOf(expireAfterSeconds)
        if (seconds === undefined) continue
        const limit = Date.now() - seconds * 1000
        for (const doc of collection.docs.values()) {
          const end = getAt(doc, Object.keys(key)[0] ?? '')
          if (end instanceof Date && Number(end) <= limit) remove(collection, doc)
        }
      }
    }
  }

  const list = () => [...all.values()]
  return { find, make, drop, put, insert, remove, addIndex, removeIndex, expire, list }
}

export type Collections = ReturnType<typeof createCollections>

/** The documents that match; those of one `_id` without a walk. */
export function* found(collection: Collection | undefined, filter: Doc, now: Date): Generator<Doc> {
  if (!collection) return
  const id = filter['_id']
  const one = id !== undefined && !isDoc(id) ? [collection.docs.get(keyOf(id))] : undefined
  for (const doc of one ?? collection.docs.values()) {
    if (doc && matches(filter, { doc, now })) yield doc
  }
}

/** `_id` as text, the same for what MongoDB holds equal. */
export function keyOf(id: unknown): string {
  const number = numberOf(id)
  if (number !== undefined) return `n${id}`
  return typeof id === 'string' ? `s${id}` : `o${bson.EJSON.stringify(id, { relaxed: false })}`
}

function checkUnique(collection: Collection, doc: Doc): void {
  for (const { name, key, unique } of collection.indexes.values()) {
    if (!unique) continue
    const paths = Object.keys(key)
    const clash = (other: Doc) =>
      !equal(other['_id'], doc['_id']) &&
      paths.every((path) => equal(getAt(other, path) ?? null, getAt(doc, path) ?? null))
    if ([...collection.docs.values()].some(clash)) {
      throw duplicate(
        collection,
        name,
        Object.fromEntries(paths.map((path) => [path, getAt(doc, path)])),
      )
    }
  }
}

function duplicate({ db, name, indexes }: Collection, index: string, keyValue: Doc): Refusal {
  const words = `E11000 duplicate key error collection: ${db}.${name} index: ${index} dup key: ${JSON.stringify(keyValue)}`
  return new Refusal(11_000, 'DuplicateKey', words, {
    keyPattern: indexes.get(index)?.key,
    keyValue,
  })
}
