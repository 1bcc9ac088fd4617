/**
 * `catamaran/stores`: Connect stores for any express-session app, and what a store of your own needs to
 * swap exactly.
 */
export { type Reach, type SessionStore, type SwapResult, storeKey } from '../store.ts'
export { ConnectFace, type ConnectFaceOptions, type ConnectSession } from './connect-face.ts'
export { MemoryStore } from './memory-store.ts'
export { fromModeler, ModelerStore, type ModelerStoreOptions } from './modeler.ts'
export type { ModelerCollection, ModelerRow } from './modeler-collection.ts'
export type { CryptoAdapter } from './mongo-coded.ts'
export type { CryptoOptions, MongoStoreOptions, WebCryptoOptions } from './mongo-options.ts'
export { createKrupteinAdapter, createWebCryptoAdapter, MongoStore } from './mongo-store.ts'
export { RedisStore, type RedisStoreOptions } from './redis-store.ts'
export { SqliteStore, type SqliteStoreSettings } from './sqlite-store.ts'
