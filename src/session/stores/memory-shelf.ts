/**
 * Where the memory store keeps its texts: a map with expiry, bounded in bytes.
 */
import type { Clock } from '../store.ts'
import { createWheel } from './wheel.ts'

export interface ShelfOptions {
  clock: Clock
  /** Upper bound of what the sessions may take, counted by `sizeOf`; 256 MB unless given. */
  maxBytes?: number
  /** Tells whether a text belongs to nobody who logged in; such sessions are dropped first. */
  isUserless?(text: string): boolean
  /** Told once, when sessions begin to be dropped. */
  onWarn?(message: string): void
}

interface StoredText {
  text: string
  /** Milliseconds since the epoch. */
  expires: number
  /** The wheel's slot that will look at this record: at its end, or before. */
  slot: number
}

/** Ids per page of `list`, between which the event loop runs. */
const page = 1_000

/** Two bytes per character and 200 for the bookkeeping: a little above what a record really takes. */
const sizeOf = (id: string, text: string) => 2 * (id.length + text.length) + 200

/** Opens an empty shelf; every change of its map goes through what it returns. */
export function createShelf({ clock, ...limits }: ShelfOptions) {
  const records = new Map<string, StoredText>()
  const bound = createBound(limits)

  const wheel = createWheel({
    clock,
    due(id) {
      const record = living(id)
      if (record) record.slot = wheel.add(id, record.expires)
    },
  })

  function living(id: string): StoredText | undefined {
    const record = records.get(id)
    if (record === undefined || record.expires > clock()) return record
    remove(id)
    return undefined
  }

  function keep(id: string, record: StoredText): void {
    bound.add(id, record.text)
    if (bound.isFull()) makeRoom(id)
  }

  function makeRoom(id: string): void {
    for (const victim of bound.victims(records.keys())) if (victim !== id) remove(victim)
  }

  function remove(id: string): void {
    const record = records.get(id)
    if (record === undefined) return
    records.delete(id)
    wheel.remove(id, record.slot)
    bound.subtract(id, record.text)
  }

  async function* ids(): AsyncGenerator<string> {
    let seen = 0
    for (const [id, record] of records) {
      if (++seen % page === 0) await new Promise(setImmediate)
      if (record.expires > clock()) yield id
    }
  }

  return {
    records: records as ReadonlyMap<string, Readonly<StoredText>>,
    living,
    remove,
    ids,
    stop: wheel.stop,
    usage: () => ({ records: records.size, bytes: bound.bytes() }),
    add(id: string, text: string, expires: number): void {
      const record = { text, expires, slot: wheel.add(id, expires) }
      records.set(id, record)
      keep(id, record)
    },
    renew(id: string, record: StoredText, expires: number): void {
      record.expires = expires
      if (wheel.slotOf(expires) >= record.slot) return
      wheel.remove(id, record.slot)
      record.slot = wheel.add(id, expires)
    },
    rewrite(id: string, record: StoredText, text: string): void {
      bound.subtract(id, record.text)
      record.text = text
      keep(id, record)
    },
    clear(): void {
      for (const id of records.keys()) remove(id)
    },
  }
}

export type Shelf = ReturnType<typeof createShelf>

/** Counts bytes and says who has to go: sessions without a user, oldest first, then the others. */
function createBound({
  maxBytes = 256 * 2 ** 20,
  isUserless,
  onWarn,
}: Omit<ShelfOptions, 'clock'>) {
  const userless = new Set<string>()
  let bytes = 0
  let warned = false

  return {
    bytes: () => bytes,
    isFull: () => bytes > maxBytes,
    add(id: string, text: string): void {
      bytes += sizeOf(id, text)
      if (isUserless?.(text)) userless.add(id)
    },
    subtract(id: string, text: string): void {
      bytes -= sizeOf(id, text)
      userless.delete(id)
    },
    *victims(all: Iterable<string>): Generator<string> {
      if (!warned) onWarn?.(fullWarning(maxBytes))
      warned = true
      for (const ids of [userless, all]) {
        for (const id of ids) {
          if (bytes <= maxBytes) return
          yield id
        }
      }
    },
  }
}

function fullWarning(maxBytes: number): string {
  const size = `${Math.round(maxBytes / 2 ** 20)} MB`
  return `The memory session store is full (${size}) and drops its oldest sessions, those without a user first; the redis adapter keeps more`
}
