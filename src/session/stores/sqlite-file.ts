/**
 * The file of the sqlite store: made, opened, and moved aside when it is no database any more.
 * Nothing here ever deletes one.
 */
import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { CatamaranError } from '../../errors.ts'
import { connect, type FileOptions, pause } from './sqlite-connection.ts'
import { faultOf, kindOf } from './sqlite-fault.ts'

const schema = `
  CREATE TABLE IF NOT EXISTS sessions (
    sid TEXT PRIMARY KEY, data TEXT NOT NULL, expires INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS sessions_expires ON sessions (expires);
  CREATE TABLE IF NOT EXISTS leases (
    name TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL
  ) STRICT;`

/** How often a broken file is moved aside before we believe that the place itself is at fault. */
const attempts = 3

/**
 * Opens the store's file, makes it where it is missing, and moves a broken one aside.
 *
 * @param patience - **milliseconds** to wait, with the event loop, for another process that holds it
 * @throws {CatamaranError} `E_STORE_FILE`, `E_NODE_SQLITE`; SQLite's own error when it stays locked
 */
export function openFile(
  options: FileOptions,
  { patience, warn }: { patience: number; warn(message: string): void },
): DatabaseSync {
  // `undefined` in a Node that was built or started without it; the types don't know.
  const sqlite: unknown = process.getBuiltinModule('node:sqlite')
  if (!sqlite) throw new CatamaranError('E_NODE_SQLITE', [process.version])
  const until = performance.now() + patience
  let moved = 0
  for (;;) {
    const inode = makeFile(options.file)
    try {
      return withTables(connect(options))
    } catch (error) {
      const kind = kindOf(faultOf(error))
      if (kind === 'broken' && moved < attempts)
        moved += moveAside(options.file, inode, error, warn)
      else if (kind === 'busy' && performance.now() < until) pause(5)
      else if (kind === 'busy') throw error
      else throw unusable(options.file, error)
    }
  }
}

function withTables(database: DatabaseSync): DatabaseSync {
  try {
    database.exec(schema)
    // Tells a table of the same name that somebody else made.
    database.prepare('SELECT sid, data, expires FROM sessions LIMIT 1').get()
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Makes an empty file that only its owner may read, with its folder. Gives its inode. */
function makeFile(file: string): number {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    makeNew(file)
    return statSync(file).ino
  } catch (error) {
    throw unusable(file, error)
  }
}

/**
 * Never opens a file that is there: closing it again would release the locks that other connections of
 * this process hold on it.
 */
function makeNew(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Renames the broken file, unless another process has just done so. Gives how many were renamed. */
function moveAside(
  file: string,
  inode: number,
  error: unknown,
  warn: (message: string) => void,
): number {
  const aside = `${file}.corrupt-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`
  // The log first: a new database must never meet the log of the old one.
  for (const part of ['-wal', '-shm', '']) {
    if (statSync(file, { throwIfNoEntry: false })?.ino !== inode) return 0
    rename(`${file}${part}`, `${aside}${part}`)
  }
  warn(
    `the session file ${file} is broken (${faultOf(error).message}): it was moved to ${aside}, ` +
      'and sessions begin empty',
  )
  return 1
}

function rename(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unusable(from, error)
  }
}

function unusable(file: string, cause: unknown): CatamaranError {
  return new CatamaranError('E_STORE_FILE', [file, faultOf(cause).message], { cause })
}
