/**
 * Cursors: what did not fit into the first answer.
 */
import { bson, type Doc, Refusal } from './bson.ts'
import { numberOf } from './order.ts'

export function createCursors() {
  const open = new Map<string, { namespace: string; rest: Doc[] }>()
  let last = 0

  return {
    /** The first answer of a command that gives documents. */
    open(namespace: string, docs: Doc[], { batchSize, cursor }: Doc): Doc {
      const asked = batchSize ?? (cursor as Doc | undefined)?.['batchSize']
      const size = numberOf(asked) ?? 101
      const rest = docs.slice(size)
      last += 1
      if (rest.length > 0) open.set(`${last}`, { namespace, rest })
      const id = bson.Long.fromNumber(rest.length > 0 ? last : 0)
      return { cursor: { firstBatch: docs.slice(0, size), id, ns: namespace } }
    },

    getMore(command: Doc): Doc {
      const id = String(command['getMore'])
      const found = open.get(id)
      if (!found) throw new Refusal(43, 'CursorNotFound', `cursor id ${id} not found`)
      const { namespace: ns, rest } = found
      const nextBatch = rest.splice(0, numberOf(command['batchSize']) ?? 1000)
      if (rest.length === 0) open.delete(id)
      return { cursor: { nextBatch, id: bson.Long.fromString(rest.length > 0 ? id : '0'), ns } }
    },

    killCursors(command: Doc): Doc {
      const ids = command['cursors'] as unknown[]
      for (const id of ids) open.delete(String(id))
      return { cursorsKilled: ids, cursorsNotFound: [], cursorsAlive: [], cursorsUnknown: [] }
    },
  }
}

export type Cursors = ReturnType<typeof createCursors>
