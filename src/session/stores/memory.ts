/**
 * The memory store: sessions in a map of this process, bounded in bytes, gone when the process ends.
 * Right for development and for one process that may forget; everything else wants another adapter.
 */
import type { SessionStore } from '../store.ts'
import { createShelf, type Shelf, type ShelfOptions } from './memory-shelf.ts'

export type MemoryStoreOptions = ShelfOptions

export interface MemoryStore extends SessionStore {
  /** What is held now: records (expired ones not yet swept included) and their bytes. */
  usage(): { readonly records: number; readonly bytes: number }
}

/** Opens an empty store, or one over a shelf; its timer does not keep the process alive. */
export function createMemoryStore(
  options: MemoryStoreOptions,
  shelf: Shelf = createShelf(options),
): MemoryStore {
  const { clock } = options
  const expiry = (ttl: number) => clock() + ttl * 1000

  function readNow(id: string, renew?: number): string | undefined {
    const record = shelf.living(id)
    if (record && renew !== undefined) shelf.renew(id, record, expiry(renew))
    return record?.text
  }

  function swapNow(id: string, before: string, after: string, ttl: number): boolean {
    const record = shelf.living(id)
    if (record?.text !== before) return false
    shelf.renew(id, record, expiry(ttl))
    shelf.rewrite(id, record, after)
    return true
  }

  return {
    name: 'memory',
    reach: 'process',
    clock,
    usage: shelf.usage,

    readNow,
    read: async (id, renew) => readNow(id, renew),
    async create(id, text, ttl) {
      if (shelf.living(id)) return false
      shelf.add(id, text, expiry(ttl))
      return true
    },
    swapNow,
    async swap(id, before, after, ttl) {
      return swapNow(id, before, after, ttl) ? 'done' : { text: shelf.living(id)?.text }
    },
    async touch(id, ttl) {
      const record = shelf.living(id)
      if (record) shelf.renew(id, record, expiry(ttl))
      return record !== undefined
    },
    async destroy(id) {
      const removed = shelf.living(id)?.text
      shelf.remove(id)
      return removed
    },
    async secondsLeft(id) {
      const record = shelf.living(id)
      return record && (record.expires - clock()) / 1000
    },
    list: () => shelf.ids(),
    async count() {
      let living = 0
      for await (const _ of shelf.ids()) living += 1
      return living
    },
    async clear() {
      shelf.clear()
    },
    async check() {},
    async close() {
      shelf.stop()
      shelf.clear()
    },
  }
}
