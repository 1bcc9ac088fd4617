/**
 * Puts a `SessionStore` together over the collection of a connect-mongo store, in the form its options ask for.
 */
import type { SessionStore } from '../store.ts'
import type { Health } from './health.ts'
import { codedValues } from './mongo-coded.ts'
import type { MongoCollection } from './mongo-collection.ts'
import type { Layout } from './mongo-ground.ts'
import { createMongoLink } from './mongo-link.ts'
import type { ConnectMongo } from './mongo-options.ts'
import { documents, plainTexts, type Values } from './mongo-values.ts'
import { createVerbs } from './mongo-verbs.ts'

interface Assembly {
  health: Health
  /** **Milliseconds** that one verb may take. */
  deadline: number
  redact(error: unknown): Error
  /** **Seconds** after a change in which a life is not renewed; 0 where the caller sees to that. */
  throttle: number
  /** Why the client never was connected, as long as it was not. */
  reason?(): unknown
}

/** The store, and the end of its first attempt to reach the server, well or not. */
export interface Assembled {
  readonly store: SessionStore
  readonly tried: Promise<void>
}

export function assembleStore(connect: ConnectMongo, { throttle, ...parts }: Assembly): Assembled {
  async function open(): Promise<MongoCollection> {
    const collection: unknown = await connect.collectionP
    const reason = parts.reason?.()
    if (reason) throw reason
    // The driver's types know each operator; what is asked of it here is checked by tests.
    return collection as MongoCollection
  }

  const link = createMongoLink({ ...parts, open })
  const verbs = createVerbs(link.guard, { ...layoutOf(connect), throttle })
  const close = async () => link.close()
  return { store: { name: 'mongo', reach: 'nodes', ...verbs, close }, tried: link.tried }
}

function layoutOf(connect: ConnectMongo): Layout {
  const { options } = connect
  return {
    values: valuesOf(connect),
    idOf: options.transformId,
    lastModified: options.touchAfter > 0,
    timestamps: options.timestamps === true,
    writeConcern: options.writeOperationOptions,
    emit: (event, id) => connect.emit(event, id),
  }
}

function valuesOf({ options, cryptoAdapter, transformFunctions }: ConnectMongo): Values {
  const transform = options.serialize || options.unserialize ? transformFunctions : undefined
  if (cryptoAdapter || transform) return codedValues({ adapter: cryptoAdapter, transform })
  return options.stringify === false ? documents : plainTexts
}
