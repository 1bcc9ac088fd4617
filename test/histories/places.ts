/**
 * Where sessions are kept while histories run: each store as an app would have it, opened by each process
 * for itself. Loads only what is asked for.
 */
import { createClient } from 'redis'
import type { SessionStore } from '../../src/session/store.ts'
import { openStore } from '../../src/session/stores/open.ts'
import { type Door, engineDoor, httpDoor, peerDoor, type Under } from './doors.ts'

/** What a process must know to open its store; goes over to other processes as JSON. */
export interface Place {
  readonly store: 'memory' | 'sqlite' | 'redis' | 'express-session' | 'careless'
  readonly door: 'engine' | 'http'
  readonly port?: number
  /** Of sqlite. */
  readonly file?: string
  readonly prefix?: string
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

async function openUnder(place: Place): Promise<Under & { close(): Promise<void> }> {
  const { port, prefix = '', file } = place
  const adapter = place.store === 'careless' ? 'memory' : place.store
  const context = { root: process.cwd(), clock: Date.now, warn: console.warn }
  const connection = { host: '127.0.0.1', port, prefix }
  const settings = { adapter, storeTimeout: 20, ...(port && { connection }), file }
  const store = await openStore(settings, context)
  if (place.store === 'careless') return byTouch(careless(store))
  if (adapter !== 'redis') return byTouch(store)
  const client = await createClient({ url: `redis://127.0.0.1:${port}` }).connect()
  return {
    store,
    expire: async (id) => void (await client.pExpire(prefix + id, 0)),
    async close() {
      await client.close()
      await store.close()
    },
  }
}

/** A store that takes the life it is told: one that is over at once. */
function byTouch(store: SessionStore): Under & { close(): Promise<void> } {
  const expire = async (id: string) => void (await store.touch(id, 0))
  return { store, expire, close: store.close }
}

/** A store that does not keep its word: its swap overwrites whatever is there. */
function careless(store: SessionStore): SessionStore {
  return {
    ...store,
    async swap(id, before, after, ttl) {
      const now = await store.read(id)
      return now === undefined
        ? store.swap(id, before, after, ttl)
        : store.swap(id, now, after, ttl)
    },
  }
}
