/**
 * The sqlite store: sessions in one file, shared by all processes of a machine. Reads run on the main
 * thread, all writes of a process in one worker, many in a transaction; a write is on disk before it is
 * acknowledged. This file puts the parts together; sqlite-*.ts are the parts.
 */
import type { Clock, SessionStore, SwapResult } from '../store.ts'
import type { FileOptions } from './sqlite-connection.ts'
import { type Fault, type FaultKind, kindOf } from './sqlite-fault.ts'
import { createReader } from './sqlite-reader.ts'
import { startSweeping } from './sqlite-sweep.ts'
import { createWriter } from './sqlite-writer.ts'

export interface SqliteStoreOptions extends FileOptions {
  clock: Clock
  warn(message: string): void
  /** **Seconds** that a verb may take; 1.5 unless given. */
  storeTimeout?: number
  /** **Seconds** between two sweeps of what has expired; 60 unless given. */
  sweepEvery?: number
}

/**
 * Opens the store, and makes its file where it is missing. A broken file is moved aside with a warning.
 *
 * @throws {CatamaranError} `E_STORE_FILE` when the file can't be had, `E_NODE_SQLITE`
 */
export function createSqliteStore(options: SqliteStoreOptions): SessionStore {
  const { clock, storeTimeout = 1.5, sweepEvery = 60 } = options
  const parts = { ...options, timeout: storeTimeout * 1_000, refused: createAlarm(options) }
  const reader = createReader(parts)
  reader.open(parts.timeout)
  const { file, maxPages, timeout, refused } = parts
  const writer = createWriter({ file, ...(maxPages && { maxPages }), timeout, refused })
  const stopSweeping = startSweeping({ writer, clock, every: sweepEvery })

  const lifeOf = (ttl: number) => {
    const now = clock()
    // Lives may come in fractions of a second; the column takes whole milliseconds only.
    return { now, expires: Math.round(now + ttl * 1_000) }
  }
  const touch = async (id: string, ttl: number) =>
    (await writer.write({ verb: 'touch', id, ...lifeOf(ttl) })) as boolean

  async function readAndRenew(id: string, ttl: number): Promise<string | undefined> {
    const text = await reader.text(id)
    if (text === undefined) return undefined
    return (await touch(id, ttl)) ? text : undefined
  }

  return {
    name: 'sqlite',
    reach: 'machine',
    clock,
    read: (id, renew) => (renew === undefined ? reader.text(id) : readAndRenew(id, renew)),
    touch,
    async create(id, text, ttl) {
      return (await writer.write({ verb: 'create', id, text, ...lifeOf(ttl) })) as boolean
    },
    async swap(id, before, after, ttl) {
      const job = { verb: 'swap', id, before, after, ...lifeOf(ttl) } as const
      return (await writer.write(job)) as SwapResult
    },
    destroy: (id) => writer.write({ verb: 'destroy', id }),
    async secondsLeft(id) {
      const expires = await reader.expires(id)
      return expires === undefined ? undefined : (expires - clock()) / 1_000
    },
    async *list() {
      for await (const ids of reader.pages()) yield* ids
    },
    async count() {
      let count = 0
      for await (const ids of reader.pages()) count += ids.length
      return count
    },
    async clear() {
      await writer.write({ verb: 'clear' })
    },
    async check() {
      await reader.text('')
      await writer.write({ verb: 'check' })
    },
    async close() {
      stopSweeping()
      reader.close()
      await writer.close()
    },
  }
}

/** **Milliseconds** in which one kind of trouble is told of once. */
const quiet = 60_000

const words: Readonly<Record<FaultKind, string>> = {
  busy: 'takes no writes in time: another process holds it, or there is more than the disk can do',
  broken: 'is damaged: stop the app and move it aside, or mend it with `sqlite3 … .recover`',
  full: 'cannot grow: sessions can be read, not written; free some disk space',
  readonly: 'can only be read, not written: see who may write it and its folder',
  other: 'cannot be used',
}

/** Tells of trouble with the file, once per kind and minute. */
function createAlarm({ file, warn }: SqliteStoreOptions): (fault: Fault) => void {
  const told = new Map<FaultKind, number>()
  return (fault) => {
    const kind = kindOf(fault)
    const last = told.get(kind)
    if (last !== undefined && performance.now() - last < quiet) return
    told.set(kind, performance.now())
    warn(`the session file ${file} ${words[kind]} (${fault.message})`)
  }
}
