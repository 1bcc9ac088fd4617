/**
 * MongoDB's wire protocol: OP_MSG, and OP_QUERY for the first greeting of a driver.
 */
import { type Doc, decode, encode } from './bson.ts'

const opReply = 1
const opQuery = 2004
const opMsg = 2013

/** One command that came in. */
export interface Message {
  readonly id: number
  readonly command: Doc
  /** Came as OP_QUERY and wants an OP_REPLY. */
  readonly old: boolean
  /** Wants no answer at all. */
  readonly silent: boolean
}

/** Cuts a stream of bytes into messages; `undefined` stands for one that is none of ours. */
export function createReader() {
  let pending: Buffer = Buffer.alloc(0)

  return function* read(chunk: Buffer): Generator<Message | undefined> {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    while (pending.length >= 4) {
      const size = pending.readInt32LE(0)
      if (size < 16 || size > 48_000_000) yield undefined
      if (pending.length < size) return
      const bytes = pending.subarray(0, size)
      pending = pending.subarray(size)
      yield parse(bytes)
    }
  }
}

function parse(bytes: Buffer): Message | undefined {
  const id = bytes.readInt32LE(4)
  const operation = bytes.readInt32LE(12)
  if (operation === opQuery) {
    const end = bytes.indexOf(0, 20)
    const $db = bytes.toString('utf8', 20, end).split('.')[0]
    const command = { ...sized(bytes, end + 9), $db }
    return { id, command, old: true, silent: false }
  }
  if (operation !== opMsg) return undefined
  const flags = bytes.readUInt32LE(16)
  const checksum = flags & 1 ? 4 : 0
  const command = sections(bytes.subarray(20, bytes.length - checksum))
  return { id, command, old: false, silent: (flags & 2) !== 0 }
}

/** A document that says itself how long it is. */
function sized(bytes: Buffer, from: number): Doc {
  return decode(bytes.subarray(from, from + bytes.readInt32LE(from)))
}

/** The body, and lists of documents that came beside it. */
function sections(bytes: Buffer): Doc {
  const lists: Doc = {}
  let command: Doc = {}
  for (let at = 0; at < bytes.length; ) {
    const kind = bytes[at]
    const size = bytes.readInt32LE(at + 1)
    const section = bytes.subarray(at + 1, at + 1 + size)
    if (kind === 0) command = decode(section)
    else {
      const end = section.indexOf(0, 4)
      lists[section.toString('utf8', 4, end)] = [...documents(section.subarray(end + 1))]
    }
    at += 1 + size
  }
  return { ...command, ...lists }
}

function* documents(bytes: Buffer): Generator<Doc> {
  for (let at = 0; at < bytes.length; at += bytes.readInt32LE(at)) yield sized(bytes, at)
}

/** The bytes of an answer. */
export function reply({ id, old }: Message, doc: Doc): Buffer {
  const body = encode(doc)
  const front = Buffer.alloc(old ? 36 : 21)
  front.writeInt32LE(front.length + body.length, 0)
  front.writeInt32LE(id, 8)
  front.writeInt32LE(old ? opReply : opMsg, 12)
  if (old) {
    front.writeInt32LE(8, 16)
    front.writeInt32LE(1, 32)
  }
  return Buffer.concat([front, body])
}
