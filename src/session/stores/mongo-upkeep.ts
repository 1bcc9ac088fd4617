/**
 * The verbs of the mongo store that need no session's text: renewing, ending, listing, counting.
 */
import type { SessionStore } from '../store.ts'
import { askFor, reading } from './mongo-collection.ts'
import { alive } from './mongo-fields.ts'
import type { Ground } from './mongo-ground.ts'

type Upkeep = Pick<
  SessionStore,
  'touch' | 'destroy' | 'secondsLeft' | 'list' | 'count' | 'clear' | 'check'
>

/** Ids asked for at a time. */
const pageSize = 500

export function createUpkeep({ run, fields, writing, idOf, living, values, tell }: Ground): Upkeep {
  /** The next ids after `last`, in their order: each page is a command of its own. */
  const page = (last: string | undefined) =>
    run(async (collection) => {
      const after = last === undefined ? { $gte: '' } : { $gt: last }
      const options = { projection: { _id: 1 }, sort: { _id: 1 }, limit: pageSize }
      return collection.find({ _id: after, ...alive }, options).toArray()
    })

  return {
    touch: (id, ttl) =>
      run(async (collection) => {
        const write = collection.updateOne(living(id), fields.renewed(ttl), writing)
        const isThere = (await write).matchedCount > 0
        if (isThere) tell(id, 'touch')
        return isThere
      }),
    async destroy(id) {
      const options = { ...writing, includeResultMetadata: true }
      const { value } = await run((collection) =>
        collection.findOneAndDelete({ _id: idOf(id) }, options),
      )
      tell(id, 'destroy')
      try {
        return value ? await values.textOf(value['session']) : undefined
      } catch {
        // What can't be read is gone all the same.
        return undefined
      }
    },
    async secondsLeft(id) {
      const options = { ...reading, projection: { expires: 1 } }
      const document = await run((collection) => collection.findOne(living(id), options))
      const expires = document?.['expires']
      // A document without an end never expires.
      if (!(expires instanceof Date)) return document ? Number.POSITIVE_INFINITY : undefined
      return (expires.getTime() - Date.now()) / 1000
    },
    async *list() {
      let last: string | undefined
      for (;;) {
        const found = await page(last)
        for (const { _id } of found) yield String(_id)
        if (found.length < pageSize) return
        last = String(found.at(-1)?.['_id'])
      }
    },
    count: () => run((collection) => collection.countDocuments(alive)),
    async clear() {
      await run((collection) => collection.deleteMany({}, writing))
    },
    check: () => run(askFor),
  }
}
