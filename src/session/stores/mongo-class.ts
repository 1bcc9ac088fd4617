/**
 * The class `MongoStore` over connect-mongo's: its commands, options, events and members, but a server that
 * is away neither ends the process nor the store. Under `storeKey` it gives the store our engine swaps in.
 * Loads no driver: mongo.ts and mongo-store.ts bring connect-mongo.
 */
import type { Collection } from 'mongodb'
import { type SessionStore, storeKey } from '../store.ts'
import { createHealth } from './health.ts'
import { assembleStore } from './mongo-assemble.ts'
import { boundsOf, createRedactor } from './mongo-client.ts'
import { type Connecting, keepConnecting } from './mongo-connect.ts'
import type {
  EngineUse,
  MongoModules,
  MongoStoreClass,
  MongoStoreOptions,
  StoredSession,
} from './mongo-options.ts'

/** Milliseconds until the index is tried again that a server which is away could not make. */
const indexPause = 2_000

/** Refusals of an index that trying again would not change: no rights, or another index in its place. */
const forGood = [13, 67, 85, 86]

/** **Milliseconds** a verb may take where none is told. */
const usualDeadline = 1_500

const ignore = () => {}

/** Makes the class on top of the given connect-mongo. */
export function defineMongoStore({
  MongoStore: Base,
  MongoClient: Client,
}: MongoModules): MongoStoreClass {
  return class MongoStore extends Base {
    #retry: NodeJS.Timeout | undefined
    #closed = false
    #connecting: Connecting | undefined

    static create(options: MongoStoreOptions) {
      return new MongoStore(options)
    }

    constructor(options: MongoStoreOptions) {
      super(withClient(Client, options))
      if (options.mongoUrl) {
        this.options.mongoUrl = options.mongoUrl
        this.clientP.then((client) => {
          if (!this.#closed) this.#connecting = keepConnecting(client)
        }, ignore)
      }
      // Each command says so too; nobody need wait for these.
      this.clientP.catch(ignore)
      this.collectionP.catch(ignore)
    }

    /** Makes the index for expiry; a server that is away must not cost the collection, only time. */
    override async setAutoRemove(collection: Collection<StoredSession>): Promise<void> {
      // It may have been stopped before its client was there.
      if (this.#closed) return
      try {
        await super.setAutoRemove(collection)
      } catch (error) {
        if (forGood.includes(Number((error as { code?: unknown }).code))) {
          process.emitWarning(`MongoStore cannot make its TTL index: ${error}`)
        } else if (!this.#closed) {
          this.#retry = setTimeout(() => this.setAutoRemove(collection), indexPause).unref()
        }
      }
    }

    /** Ends the timers and leaves the client open. */
    stop(): void {
      this.#closed = true
      this.#connecting?.stop()
      clearTimeout(this.#retry)
      clearInterval(this.timer)
      this.timer = undefined
    }

    override close(): Promise<void> {
      this.stop()
      return super.close()
    }

    /** Gives our engine the records of this store, compared and swapped in the same collection. */
    [storeKey](use: EngineUse = {}): SessionStore {
      const { mongoUrl: url } = this.options
      const redact = createRedactor({ url })
      const { warn = (message) => process.emitWarning(message) } = use
      const health = createHealth({ label: 'MongoDB', address: 'MongoStore', redact, warn })
      const deadline = use.storeTimeout === undefined ? usualDeadline : use.storeTimeout * 1000
      const throttle = this.options.touchAfter
      const { store } = assembleStore(this, {
        health,
        redact,
        deadline,
        throttle,
        reason: () => this.#connecting?.reason(),
      })
      return {
        ...store,
        ttl: this.options.ttl,
        close: async () => {
          await store.close()
          if (url) await this.close()
        },
      }
    }
  }
}

/**
 * With a client instead of a url: connect-mongo would wait for the connection once, and give up for good
 * when that failed.
 */
function withClient(Client: MongoModules['MongoClient'], options: MongoStoreOptions) {
  const { mongoUrl, mongoOptions, ...others } = options
  if (!mongoUrl) return options
  const bounded = { ...boundsOf(usualDeadline), ...mongoOptions }
  const clientPromise = Promise.resolve().then(() => new Client(mongoUrl, bounded))
  return { ...others, mongoOptions: mongoOptions ?? {}, clientPromise }
}
