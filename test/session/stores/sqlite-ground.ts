/**
 * Sqlite stores on a file of the test's own, and other processes that use the same file.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import type { SessionStore } from '../../../src/session/store.ts'
import { createSqliteStore, type SqliteStoreOptions } from '../../../src/session/stores/sqlite.ts'

export interface SqliteGround {
  readonly file: string
  readonly warnings: string[]
  /** A store on the file, patient with a busy machine, closed when the test has finished. */
  open(options?: Partial<SqliteStoreOptions>): SessionStore
  /** A process that runs a part of sqlite-child.ts on the file. */
  child(part: string, ...args: string[]): SqliteChild
}

export interface SqliteChild {
  readonly process: ChildProcess
  /** What it has printed. */
  readonly lines: string[]
  /** Resolves once it has printed something. */
  readonly started: Promise<unknown>
  /** Its exit code. */
  readonly ended: Promise<number | null>
}

export async function createSqliteGround(): Promise<SqliteGround> {
  const folder = await mkdtemp(join(tmpdir(), 'catamaran-sqlite-'))
  const file = join(folder, 'deep', 'sessions.db')
  const stores: SessionStore[] = []
  const warnings: string[] = []
  onTestFinished(async () => {
    await Promise.all(stores.map((store) => store.close()))
    await rm(folder, { recursive: true })
  })
  const warn = (message: string) => void warnings.push(message)

  return {
    file,
    warnings,
    open(options) {
      const store = createSqliteStore({ file, clock: Date.now, warn, storeTimeout: 15, ...options })
      stores.push(store)
      return store
    },
    child: (part, ...args) => startChild([part, file, ...args]),
  }
}

function startChild(args: string[]): SqliteChild {
  const script = join(import.meta.dirname, 'sqlite-child.ts')
  const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  const started = once(reader, 'line')
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { process: child, lines, started, ended }
}
