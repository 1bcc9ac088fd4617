/**
 * The mongo store: the documents of connect-mongo, so that both read each other's sessions.
 * This file loads the drivers and makes the client; mongo-*.ts are the parts.
 */
import type { MongoClient } from 'mongodb'
import { CatamaranError } from '../../errors.ts'
import type { SessionStore } from '../store.ts'
import { type Driver, loadDriver } from './driver.ts'
import { within } from './guard.ts'
import { createHealth } from './health.ts'
import { assembleStore } from './mongo-assemble.ts'
import { defineMongoStore } from './mongo-class.ts'
import * as clients from './mongo-client.ts'
import { keepConnecting } from './mongo-connect.ts'
import type { MongoModules } from './mongo-options.ts'

export interface MongoStoreSettings extends clients.MongoConnection {
  /** The app's folder, where its own `mongodb` and `connect-mongo` may be. */
  root: string
  /** `true` (the default): sessions are stored as text; `false`: as objects. */
  stringify?: boolean
  /** Above 0, documents get `lastModified`, which connect-mongo needs for its own `touchAfter`. */
  touchAfter?: number
  /** A client of the driver that the app made itself; it is not closed here. */
  client?: unknown
  /** **Seconds** that a verb may take; 1.5 unless given. */
  storeTimeout?: number
  warn(message: string): void
}

/** **Milliseconds** that closing the client may take. */
const closing = 1_000

const packages = { adapter: 'mongo', install: 'mongodb connect-mongo' }

const mongodb: Driver<Pick<MongoModules, 'MongoClient'>> = {
  ...packages,
  name: 'mongodb',
  // BSON came with version 5, the oldest that connect-mongo 6 takes.
  fits: (loaded): loaded is Pick<MongoModules, 'MongoClient'> =>
    has(loaded, 'MongoClient', 'function') && has(loaded, 'BSON', 'object'),
}

const connectMongo: Driver<Pick<MongoModules, 'MongoStore'>> = {
  ...packages,
  name: 'connect-mongo',
  // Crypto adapters came with version 6.
  fits: (loaded): loaded is Pick<MongoModules, 'MongoStore'> =>
    has(loaded, 'MongoStore', 'function') && has(loaded, 'createKrupteinAdapter', 'function'),
}

/**
 * Opens the mongo store. A MongoDB that is down is no error here: the verbs reject until it is there.
 *
 * @throws {CatamaranError} `E_ADAPTER_MISSING` without the packages; `E_STORE_OPTIONS` for settings
 *   of which no client can be made
 */
export async function createMongoStore(options: MongoStoreSettings): Promise<SessionStore> {
  const { root, storeTimeout = 1.5, stringify = true, touchAfter = 0, warn } = options
  const modules = await loadModules(root)
  const deadline = storeTimeout * 1000
  const redact = clients.createRedactor(options)
  const { address, own, ...place } = reach(modules, options, deadline)
  const MongoStore = defineMongoStore(modules)
  const connect = new MongoStore({ ...place, stringify, touchAfter })
  const health = createHealth({ label: 'MongoDB', address, warn, redact })
  const connecting = own && keepConnecting(own)
  const reason = () => connecting?.reason()
  const { store, tried } = assembleStore(connect, { health, redact, deadline, throttle: 0, reason })
  await tried

  return {
    ...store,
    async close() {
      await store.close()
      connect.stop()
      connecting?.stop()
      if (own) await closeClient(own)
    },
  }
}

async function loadModules(root: string): Promise<MongoModules> {
  const { MongoClient } = await loadDriver(root, mongodb)
  const { MongoStore } = await loadDriver(root, connectMongo)
  return { MongoClient, MongoStore }
}

/** The client, the place of the sessions, and what is to be released in the end. */
function reach({ MongoClient }: MongoModules, options: MongoStoreSettings, deadline: number) {
  const { client, db, collection } = options
  if (client !== undefined) {
    const dbName = db === undefined ? {} : { dbName: String(db) }
    const place = { ...dbName, collectionName: collection ?? 'sessions' }
    return { ...place, client: givenClient(client), address: 'the given client', own: undefined }
  }
  const target = clients.targetOf(options, deadline)
  const { url, dbName, collectionName } = target
  try {
    const own = new MongoClient(url, target.options)
    return { dbName, collectionName, client: own, address: clients.addressOf(target), own }
  } catch (error) {
    const { message } = clients.createRedactor(options)(error)
    const form = 'a url looks like mongodb://user:password@host:27017/database/collection'
    throw new CatamaranError('E_STORE_OPTIONS', ['mongo', `${message} (${form})`])
  }
}

function givenClient(client: unknown): MongoClient {
  if (has(client, 'db', 'function') && has(client, 'connect', 'function')) {
    return client as unknown as MongoClient
  }
  throw new CatamaranError('E_STORE_OPTIONS', [
    'mongo',
    '`client` must be a MongoClient of the package `mongodb`, version 5 or newer',
  ])
}

/** Closes a client of ours; a server that hangs is not waited for. */
async function closeClient(client: MongoClient): Promise<void> {
  await within(closing, client.close(true)).catch(() => {})
}

function has(value: unknown, name: string, type: string): boolean {
  const isHolder = typeof value === 'object' || typeof value === 'function'
  return isHolder && value !== null && typeof Reflect.get(value, name) === type
}
