/**
 * The verbs of a session store as commands on a collection of connect-mongo's documents
 * (`_id`, `session`, `expires`, …). Time is the server's throughout; fields we don't know stay.
 */
import type { SessionStore, SwapResult } from '../store.ts'
import type { Guard } from './guard.ts'
import { type Document, type MongoCollection, reading } from './mongo-collection.ts'
import { type Ground, groundOf, type Layout, textNow } from './mongo-ground.ts'
import { createUpkeep } from './mongo-upkeep.ts'

/** Builds all verbs but `close`. */
export function createVerbs(guard: Guard<MongoCollection>, layout: Layout) {
  const ground = groundOf(guard, layout)
  return {
    read: createRead(ground),
    create: createCreate(ground),
    swap: createSwap(ground),
    ...createUpkeep(ground),
  }
}

function createRead({ run, fields, writing, living, values, tell }: Ground): SessionStore['read'] {
  const options = { ...reading, ...writing, includeResultMetadata: true }

  async function find(collection: MongoCollection, id: string, renew?: number) {
    if (renew === undefined) return collection.findOne(living(id), reading)
    return (await collection.findOneAndUpdate(living(id), fields.renewed(renew), options)).value
  }

  return (id, renew) =>
    run(async (collection) => {
      const document = await find(collection, id, renew)
      if (!document) return undefined
      const text = await values.textOf(document['session'])
      tell(id, 'get')
      return text
    })
}

function createCreate(ground: Ground): SessionStore['create'] {
  const { run, fields, writing, idOf, values, tell } = ground

  return (id, text, ttl) =>
    run(async (collection, again) => {
      const made = fields.created(await values.valueOf(text), ttl)
      const options = { ...writing, upsert: true }
      const write = collection.updateOne({ _id: idOf(id) }, made, options)
      const { upsertedCount, modifiedCount } = await write.catch(lostRace)
      const isOurs = upsertedCount + modifiedCount > 0
      // Cut off, the first run may have been the one that created it.
      if (!isOurs && !(again && (await textNow(ground, collection, id)).text === text)) return false
      tell(id, 'create', 'set')
      return true
    })
}

function createSwap(ground: Ground): SessionStore['swap'] {
  const { run, fields, writing, living, values, tell } = ground

  return (id, before, after, ttl) =>
    run(async (collection, again): Promise<SwapResult> => {
      /** Objects are equal when their fields are, in the same order: `$eq` compares no less. */
      async function replace(old: unknown, value: unknown): Promise<boolean> {
        const filter = { ...living(id), session: { $eq: old } }
        const { matchedCount } = await collection.updateOne(
          filter,
          fields.changed(value, ttl),
          writing,
        )
        if (matchedCount > 0) tell(id, 'update', 'set')
        return matchedCount > 0
      }

      // What is equal to the guess holds no types but those of the guess: none can get lost.
      const guess = values.guess(before)
      if (guess !== undefined && (await replace(guess, await values.valueOf(after)))) return 'done'
      const { value, text } = await textNow(ground, collection, id)
      if (again && text === after) return 'done'
      if (text === undefined || text !== before) return { text }
      if (await replace(value, await values.valueOf(after, { value, text }))) return 'done'
      return { text: (await textNow(ground, collection, id)).text }
    })
}

/** Another one created the same `_id` at the same moment. */
function lostRace(error: unknown) {
  const { code } = error as Document
  if (code !== 11_000) throw error
  return { upsertedCount: 0, modifiedCount: 0 }
}
