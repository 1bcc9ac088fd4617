/**
 * From an app's settings to what the driver is told: address, credentials, and bounds for a server that
 * hangs. Imports no driver.
 */
import { createRedactor as redactor } from './redact.ts'

/** Where MongoDB is and how to get in; what is not given is localhost, 27017 and the database `sails`. */
export interface MongoConnection {
  host?: string | undefined
  port?: number | undefined
  /** The database's name. */
  db?: number | string | undefined
  username?: string | undefined
  password?: string | undefined
  /** `mongodb://user:pass@host:port/database/collection`; what it names wins over the other settings. */
  url?: string | undefined
  /** `true`, or TLS options of the driver. */
  tls?: boolean | object | undefined
  /** `sessions` unless given. */
  collection?: string | undefined
}

/** What the driver is given, and where in the database the sessions are. */
export interface MongoTarget {
  readonly url: string
  readonly options: object
  readonly dbName: string
  readonly collectionName: string
}

/**
 * @param deadline - **milliseconds** that one verb may take
 */
export function targetOf(connection: MongoConnection, deadline: number): MongoTarget {
  const { db = 'sails', collection = 'sessions', username, password, tls } = connection
  const named = connection.url === undefined ? undefined : splitUrl(connection.url)
  const auth = !named && username ? { auth: { username, password } } : {}
  const secure = tls ? { tls: true, ...(typeof tls === 'object' ? tls : {}) } : {}
  return {
    url: named?.url ?? addressUrl(connection, String(db)),
    dbName: named?.db || String(db),
    collectionName: named?.collection ?? collection,
    options: { ...boundsOf(deadline), ...auth, ...secure },
  }
}

/**
 * Options that keep the driver from waiting for a server that hangs: its `timeoutMS` does nothing, and
 * a retry of its own would take the same time again.
 */
export function boundsOf(deadline: number) {
  const patience = Math.max(1_000, deadline)
  return {
    connectTimeoutMS: patience,
    serverSelectionTimeoutMS: patience,
    waitQueueTimeoutMS: patience,
    // Longer than who asks waits: a process that was busy finds the answer before it.
    socketTimeoutMS: patience + 1_000,
    heartbeatFrequencyMS: 1_000,
    retryReads: false,
    retryWrites: false,
  }
}

/** Takes the collection off the url's path: the driver knows only the database there. */
function splitUrl(url: string) {
  const [, front = url, path = '', query = ''] =
    /^(\w[\w+]*:\/\/[^/?]+)\/?([^?]*)(\?.*)?$/.exec(url) ?? []
  const [db = '', collection] = path.split('/')
  return {
    url: path === '' && query === '' ? url : `${front}/${db}${query}`,
    db: decodeURIComponent(db),
    collection: collection ? decodeURIComponent(collection) : undefined,
  }
}

/** The database's name stands in it, since that is where MongoDB looks for the user. */
function addressUrl({ host = 'localhost', port = 27_017 }: MongoConnection, db: string): string {
  return `mongodb://${hostName(host)}:${port}/${encodeURIComponent(db)}`
}

const hostName = (host: string) =>
  host.includes(':') && !host.startsWith('[') ? `[${host}]` : host

/** Where the store is, for logs: never a user name or a password. */
export function addressOf({ url }: MongoTarget): string {
  return /^\w[\w+]*:\/\/(?:[^@/]*@)?([^/?]+)/.exec(url)?.[1] ?? 'the given url'
}

/**
 * Makes a function that turns whatever the driver threw into an error fit for logs: without the password,
 * and without what the server quotes (an id may be among it), the server's name for it first.
 */
export function createRedactor({ password, url = '' }: MongoConnection) {
  const inUrl = /\/\/[^/@:]*:([^@/]*)@/.exec(url)?.[1]
  return redactor([password, inUrl], (error) => {
    const { codeName, code } = error as { codeName?: unknown; code?: unknown }
    const words = error.message.replace(/"[^"]*"/g, '"…"')
    return typeof code === 'number' ? `[${codeName ?? code}] ${words}` : words
  })
}
