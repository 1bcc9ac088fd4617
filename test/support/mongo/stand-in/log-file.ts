/**
 * A log of changes on disk: what was answered is there again after the process was killed.
 */
import { existsSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs'
import { type Doc, decode, encode } from './bson.ts'
import { type Change, type Collections, createCollections } from './collections.ts'

/** Opens collections that a file keeps; without one they end with the process. */
export function openCollections(file: string | undefined): Collections {
  let record = (_change: Change) => {}
  const collections = createCollections((change) => record(change))
  if (!file) return collections
  if (existsSync(file)) replay(collections, file)
  const log = openSync(file, 'a')
  record = (change) => writeSync(log, encode(change as unknown as Doc))
  return collections
}

/** Applies all changes that were written whole, and cuts off the rest. */
function replay(collections: Collections, file: string): void {
  const bytes = readFileSync(file)
  let at = 0
  while (at + 4 <= bytes.length) {
    const size = bytes.readInt32LE(at)
    if (size < 5 || at + size > bytes.length) break
    apply(collections, decode(bytes.subarray(at, at + size)) as unknown as Change)
    at += size
  }
  truncateSync(file, at)
}

function apply(collections: Collections, change: Change): void {
  if (change.do === 'drop') {
    collections.drop(change.db, change.in)
    return
  }
  const collection = collections.make(change.db, change.in)
  if (change.do === 'put') collections.put(collection, change.doc)
  if (change.do === 'remove') collections.remove(collection, { _id: change.id })
  if (change.do === 'index') collections.addIndex(collection, change.index)
  if (change.do === 'unindex') collections.removeIndex(collection, change.name)
}
