/**
 * Reads of the sqlite store, on the main thread: a few microseconds each, never behind a writer. What
 * was committed, by whatever process, is seen by the next read.
 */

import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { CatamaranError } from '../../errors.ts'
import type { FileOptions } from './sqlite-connection.ts'
import { storeError } from './sqlite-error.ts'
import { type Fault, faultOf, kindOf } from './sqlite-fault.ts'
import { openFile } from './sqlite-file.ts'

export interface Reader {
  /** Opens the file, unless another process keeps it locked: then the next read tries again. */
  open(patience: number): void
  /** When the record's life ends, in **milliseconds** since the epoch. */
  expires(id: string): Promise<number | undefined>
  text(id: string): Promise<string | undefined>
  /** The living ids, some at a time. */
  pages(): AsyncGenerator<string[]>
  close(): void
}

interface ReaderOptions extends FileOptions {
  /** **Milliseconds** a read may take. */
  timeout: number
  clock(): number
  warn(message: string): void
  refused(fault: Fault): void
}

/** Ids per page, between which the event loop runs. */
const page = 1_000
/** **Milliseconds** between two tries to read a locked file. */
const pauseBetween = 10

export function createReader({ timeout, clock, warn, refused, ...options }: ReaderOptions): Reader {
  let opened: ReturnType<typeof prepare> | undefined
  let closed = false

  function open(patience: number) {
    if (closed) throw storeError({ errcode: 21, message: 'the store is closed' })
    opened ??= prepare(openFile(options, { patience, warn }))
    return opened
  }

  /** Reads now; only a locked file is tried again, with the event loop running. */
  async function attempt<T>(read: (statements: ReturnType<typeof prepare>) => T): Promise<T> {
    const until = performance.now() + timeout
    for (;;) {
      try {
        return read(open(0))
      } catch (error) {
        const locked = kindOf(faultOf(error)) === 'busy' && performance.now() < until
        if (!locked) throw failed(error)
      }
      await sleep(pauseBetween)
    }
  }

  function failed(error: unknown): unknown {
    if (error instanceof CatamaranError) return error
    const fault = faultOf(error)
    refused(fault)
    return storeError(fault)
  }

  return {
    open(patience) {
      try {
        open(patience)
      } catch (error) {
        if (kindOf(faultOf(error)) !== 'busy') throw error
        refused(faultOf(error))
      }
    },
    expires: (id) => attempt(({ end }) => end.get(id, clock())?.['expires'] as number | undefined),
    text: (id) => attempt(({ find }) => find.get(id, clock())?.['data'] as string | undefined),
    async *pages() {
      let last = 0
      for (;;) {
        const rows = await attempt(({ list }) => list.all(last, clock(), page))
        if (rows.length > 0) yield rows.map(({ sid }) => sid as string)
        if (rows.length < page) return
        last = Number(rows.at(-1)?.['rowid'])
        await new Promise(setImmediate)
      }
    },
    close() {
      closed = true
      opened?.database.close()
      opened = undefined
    },
  }
}

function prepare(database: DatabaseSync) {
  return {
    database,
    end: database.prepare('SELECT expires FROM sessions WHERE sid = ? AND expires > ?'),
    find: database.prepare('SELECT data FROM sessions WHERE sid = ? AND expires > ?'),
    list: database.prepare(
      'SELECT rowid, sid FROM sessions WHERE rowid > ? AND expires > ? ORDER BY rowid LIMIT ?',
    ),
  }
}
