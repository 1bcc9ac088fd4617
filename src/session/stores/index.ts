/**
 * `catamaran/stores`: Connect stores for any express-session app, and what a store of your own needs to
 * swap exactly.
 */
export { type Reach, type SessionStore, type SwapResult, storeKey } from '../store.ts'
export { ConnectFace, type ConnectFaceOptions, type ConnectSession } from './connect-face.ts'
export { RedisStore, type RedisStoreOptions } from './redis-store.ts'
export { SqliteStore, type SqliteStoreSettings } from './sqlite-store.ts'
