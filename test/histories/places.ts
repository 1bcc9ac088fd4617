/**
 * Where sessions are kept while histories run: each store as an app would have it, opened by each process
 * for itself. Loads only what is asked for.
 */
import type { SessionStore } from '../../src/session/store.ts'
import { openStore } from '../../src/session/stores/open.ts'
import { type Door, engineDoor, httpDoor, peerDoor, type Under } from './doors.ts'

/** What a process must know to open its store; goes over to other processes as JSON. */
export interface Place {
  readonly store: 'memory' | 'sqlite' | 'redis' | 'mongo' | 'express-session' | 'careless'
  readonly door: 'engine' | 'http'
  /** The server's address. */
  readonly url?: string
  /** The prefix, the database or the file of these histories. */
  readonly name?: string
  /** **Seconds**; 0 renews with each visit, which is when a touch may meet an end. */
  readonly touchAfter?: number
}

export interface Opened {
  readonly door: Door
  close(): Promise<void>
}

/** Opens the store of a place, and the door to it. */
export async function openPlace(place: Place): Promise<Opened> {
  if (place.store === 'express-session') {
    const door = await peerDoor()
    return { door, close: door.close }
  }
  const under = await openUnder(place)
  const make = place.door === 'http' ? httpDoor : engineDoor
  const door = await make(under, place.touchAfter)
  return {
    door,
    async close() {
      await door.close()
      await under.close()
    },
  }
}

type Closing = Under & { close(): Promise<void> }

async function openUnder({ store: kind, url = '', name = '' }: Place): Promise<Closing> {
  const context = { root: process.cwd(), clock: Date.now, warn: console.warn }
  const open = (adapter: string, settings: object = {}) =>
    openStore({ adapter, storeTimeout: 20, ...settings }, context)
  switch (kind) {
    case 'redis':
      return onRedis(await open(kind, { connection: { url, prefix: name } }), { url, name })
    case 'mongo':
      return onMongo(await open(kind, { connection: { url, db: name }, db: name }), { url, name })
    case 'careless':
      return byTouch(careless(await open('memory')))
    case 'sqlite':
      return byTouch(await open(kind, { file: name }))
    default:
      return byTouch(await open(kind))
  }
}

type Where = Required<Pick<Place, 'url' | 'name'>>

async function onRedis(store: SessionStore, { url, name }: Where): Promise<Closing> {
  const { createClient } = await import('redis')
  const client = await createClient({ url }).connect()
  return {
    store,
    expire: async (id) => void (await client.pExpire(name + id, 0)),
    async close() {
      await client.close()
      await store.close()
    },
  }
}

async function onMongo(store: SessionStore, { url, name }: Where): Promise<Closing> {
  const { MongoClient } = await import('mongodb')
  const client = new MongoClient(url)
  const sessions = client.db(name).collection<{ _id: string; expires: Date }>('sessions')
  return {
    store,
    expire: async (id) =>
      void (await sessions.updateOne({ _id: id }, { $set: { expires: new Date(0) } })),
    async close() {
      await client.close()
      await store.close()
    },
  }
}

/** A store that takes the life it is told: one that is over at once. */
function byTouch(store: SessionStore): Closing {
  const expire = async (id: string) => void (await store.touch(id, 0))
  return { store, expire, close: store.close }
}

/** A store that does not keep its word: its swap overwrites whatever is there. */
function careless(store: SessionStore): SessionStore {
  const { swapNow: _, ...others } = store
  return {
    ...others,
    async swap(id, before, after, ttl) {
      const now = await store.read(id)
      return now === undefined
        ? store.swap(id, before, after, ttl)
        : store.swap(id, now, after, ttl)
    },
  }
}
