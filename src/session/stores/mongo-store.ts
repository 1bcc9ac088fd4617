/**
 * `MongoStore` for `catamaran/stores`, with connect-mongo's crypto adapters. connect-mongo and the driver,
 * which take longer to load than all of Catamaran, are loaded by the first store or adapter made.
 */
import { createRequire } from 'node:module'
import { CatamaranError } from '../../errors.ts'
import { lazyClass } from './lazy-class.ts'
import { defineMongoStore } from './mongo-class.ts'
import type { CryptoAdapter } from './mongo-coded.ts'
import type {
  CryptoOptions,
  MongoModules,
  MongoStoreClass,
  MongoStore as MongoStoreInstance,
  WebCryptoOptions,
} from './mongo-options.ts'

interface ConnectMongoModule extends Pick<MongoModules, 'MongoStore'> {
  createKrupteinAdapter(options: CryptoOptions): CryptoAdapter
  createWebCryptoAdapter(options: WebCryptoOptions): CryptoAdapter
}

const require = createRequire(import.meta.url)

/** A Connect store in MongoDB, with the options of connect-mongo 6. */
export const MongoStore: MongoStoreClass = lazyClass(() =>
  defineMongoStore({
    ...load<ConnectMongoModule>('connect-mongo'),
    ...load<MongoModules>('mongodb'),
  }),
)
export type MongoStore = MongoStoreInstance

/** Encrypts sessions as connect-mongo's option `crypto` does. */
export function createKrupteinAdapter(options: CryptoOptions): CryptoAdapter {
  return load<ConnectMongoModule>('connect-mongo').createKrupteinAdapter(options)
}

/** Encrypts sessions by the Web Crypto API. */
export function createWebCryptoAdapter(options: WebCryptoOptions): CryptoAdapter {
  return load<ConnectMongoModule>('connect-mongo').createWebCryptoAdapter(options)
}

/** @throws {CatamaranError} `E_ADAPTER_MISSING` */
function load<T>(name: string): T {
  try {
    return require(name)
  } catch (cause) {
    throw new CatamaranError('E_ADAPTER_MISSING', ['mongo', name, 'mongodb connect-mongo'], {
      cause,
    })
  }
}
