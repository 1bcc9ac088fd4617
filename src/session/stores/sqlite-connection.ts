/**
 * One connection to the sqlite store's file. The worker starts from here: nothing is imported that it
 * would have to load for nothing.
 */
import type { DatabaseSync } from 'node:sqlite'

export interface FileOptions {
  /** Absolute path. */
  file: string
  /** Upper bound of the file in pages of 4 KB; SQLite's own, 4 billion, unless given. */
  maxPages?: number
}

/**
 * Opens a database that is there, without waiting for anybody. What was committed is on disk (WAL, FULL).
 *
 * @throws SQLite's own error
 */
export function connect({ file, maxPages }: FileOptions): DatabaseSync {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000',
    )
    database.exec('PRAGMA journal_size_limit = 67108864')
    if (maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${Math.trunc(maxPages)}`)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Sleeps without running the event loop: at the start, and in the worker. */
export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** **Milliseconds** on a clock that is the same in all threads of a process and never set. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
