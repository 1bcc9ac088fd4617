/**
 * `SqliteStore` of `catamaran/stores`: the sqlite store for any express-session app.
 */
import { resolve } from 'node:path'
import { type SessionStore, storeKey } from '../store.ts'
import { around } from './around.ts'
import { ConnectFace, type ConnectFaceOptions } from './connect-face.ts'
import { createSqliteStore, type SqliteStoreOptions } from './sqlite.ts'

export type SqliteStoreSettings = ConnectFaceOptions &
  Pick<SqliteStoreOptions, 'storeTimeout' | 'sweepEvery'> & {
    /** The file; `.data/sessions.db` in the current folder unless given. */
    file?: string
    /** Told of trouble with the file; `console.warn` unless given. */
    warn?(message: string): void
  }

/** Where the sessions stand unless the app names a file: in a folder that is no part of its code. */
export const usualFile = '.data/sessions.db'

/** A Connect store on one SQLite file; opened at once, shared with all processes of this machine. */
export class SqliteStore extends ConnectFace {
  /** @throws {CatamaranError} `E_STORE_FILE` when the file can't be had, `E_NODE_SQLITE` */
  constructor({ file = usualFile, warn = console.warn, ...settings }: SqliteStoreSettings = {}) {
    const { clock = Date.now } = settings
    super(createSqliteStore({ ...settings, file: resolve(file), clock, warn }), settings)
    process.nextTick(() => this.emit('connect'))
  }

  /** The store at heart, without its end: `close()` of this one is for whoever made it. */
  override [storeKey](): SessionStore {
    return around(super[storeKey](), { close: async () => {} })
  }
}
