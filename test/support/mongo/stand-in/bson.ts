/**
 * The driver's own BSON, without the driver around it: the stand-in starts in a fraction of the time.
 */
import { createRequire } from 'node:module'

type Bson = typeof import('mongodb').BSON

const ofDriver = createRequire(createRequire(import.meta.url).resolve('mongodb'))
export const bson: Bson = ofDriver('bson')

/** A document, or anything with fields. */
export type Doc = Record<string, unknown>

const exact = { promoteLongs: false, promoteBuffers: false, bsonRegExp: false }

/** Reads the document at the start of `bytes`, its 64-bit numbers as they are. */
export function decode(bytes: Uint8Array): Doc {
  return bson.deserialize(bytes, exact)
}

export function encode(doc: Doc): Buffer {
  return Buffer.from(bson.serialize(doc, { ignoreUndefined: true }))
}

/** A copy that shares nothing, as from the disk. */
export const copy = (doc: Doc): Doc => decode(bson.serialize(doc))

/** What a server refuses, with MongoDB's code and name for it. */
export class Refusal extends Error {
  readonly code: number
  readonly codeName: string
  readonly details: Doc

  constructor(code: number, codeName: string, message: string, details: Doc = {}) {
    super(message)
    this.code = code
    this.codeName = codeName
    this.details = details
  }
}

/** What MongoDB refuses as a bad value, or what the stand-in does not know: it must never guess. */
export const bad = (message: string) => new Refusal(2, 'BadValue', message)

/** Options the stand-in does not know would change what a command means. */
export function refuseUnknown(command: Doc): void {
  for (const option of ['arrayFilters', 'collation', 'tailable', 'hint', 'let']) {
    if (command[option] !== undefined) throw bad(`stand-in: ${option} is not supported`)
  }
}
