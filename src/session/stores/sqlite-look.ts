/**
 * Looks at the file of the sqlite store without making, mending or moving anything, as an app that opens it
 * would.
 */
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import { existsSync } from '../../builtin.ts'
import { CatamaranError } from '../../errors.ts'
import { faultOf } from './sqlite-fault.ts'

/** **Milliseconds** to wait for a process that is writing. */
const patience = 1_500

/**
 * Resolves when sessions can be written to the file, or it can be made.
 *
 * @throws {CatamaranError} `E_STORE_FILE`, `E_NODE_SQLITE`
 */
export async function lookAtFile(file: string): Promise<void> {
  const sqlite: typeof import('node:sqlite') | undefined =
    process.getBuiltinModule('node:sqlite') ?? undefined
  if (!sqlite) throw new CatamaranError('E_NODE_SQLITE', [process.version])
  try {
    if (existsSync(file)) tryWriting(new sqlite.DatabaseSync(file, { timeout: patience }))
    // With the dot it must be a folder.
    else await access(`${nearest(dirname(file))}/.`, constants.W_OK)
  } catch (cause) {
    throw new CatamaranError('E_STORE_FILE', [file, faultOf(cause).message], { cause })
  }
}

/** Takes the lock of a writer, and gives it back. */
function tryWriting(database: import('node:sqlite').DatabaseSync): void {
  try {
    database.exec('BEGIN IMMEDIATE; ROLLBACK')
  } finally {
    database.close()
  }
}

/** What is there of a path. */
function nearest(path: string): string {
  return existsSync(path) ? path : nearest(dirname(path))
}
