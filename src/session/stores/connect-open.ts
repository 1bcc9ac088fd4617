/**
 * From what an app names to a store: a class, a factory, an instance, or the name of a module that has one
 * of these. What is one of ours at heart gives itself and is used directly.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CatamaranError } from '../../errors.ts'
import { expressSession } from '../express-session.ts'
import { type Clock, type SessionStore, storeKey } from '../store.ts'
import { around } from './around.ts'
import { connectStore } from './connect.ts'
import { type ConnectStore, has, isConnectStore } from './connect-calls.ts'
import { resolveFrom } from './driver.ts'

type Build = (...given: unknown[]) => unknown
type BuildClass = new (...given: unknown[]) => unknown

/** What `config/session` says of such a store. */
export interface ConnectSettings {
  readonly adapter: string
  readonly connection?: object
  readonly client?: unknown
  /** **Seconds** that one call of the store may take; 1.5 unless given. */
  readonly storeTimeout?: number
  /** Builds the store from the settings, what `adapter` names, and express-session, as Sails calls it. */
  readonly handleConstructingSessionStore?: Build
}

type Carrier = ConnectStore & { [storeKey](): SessionStore }

interface ConnectContext {
  readonly root: string
  readonly clock: Clock
  warn(message: string): void
}

/**
 * Opens a store of others.
 *
 * @throws {CatamaranError} `E_ADAPTER_UNKNOWN` for a name no module has, `E_STORE_OPTIONS` for what is no store
 */
export async function openConnectStore(
  given: unknown,
  settings: ConnectSettings,
  { root, clock, warn }: ConnectContext,
): Promise<SessionStore> {
  const named = typeof given === 'string' ? await loadModule(given, root) : given
  const options = { ...settings.connection, client: settings.client }
  const { adapter, handleConstructingSessionStore: handle } = settings
  const made = await (handle ? handle(settings, named, expressSession) : construct(named, options))
  if (isOwnStore(made)) return made
  const label = typeof given === 'string' ? given : nameOf(made, adapter)
  if (!isConnectStore(made)) {
    throw new CatamaranError('E_STORE_OPTIONS', [label, 'it has no get, set and destroy'])
  }
  if (storeKey in made) return heartOf(made as Carrier, made === given)
  warn(`sessions are kept by ${label}: exact within one process, not among several`)
  const { storeTimeout = 1.5 } = settings
  // What the app made itself it also closes.
  const close = made === given ? {} : { close: () => release(made) }
  return connectStore(made, {
    name: label,
    clock,
    storeTimeout,
    errorOf: outageOf(label),
    ...close,
  })
}

/** The store a Connect store of ours gives; what was made here is closed along with it. */
function heartOf(made: Carrier, isGiven: boolean): SessionStore {
  const own = made[storeKey]()
  if (isGiven || !has(made, 'close')) return own
  return around(own, {
    async close() {
      await own.close()
      await release(made)
    },
  })
}

/** To an app, whatever a store complains of is an outage; but files that are missing are lost sessions. */
export function outageOf(name: string): (said: unknown) => unknown {
  return (said) => {
    if (Object(said).code === 'ENOENT') return said
    return new CatamaranError('E_STORE_DOWN', [name], { cause: said })
  }
}

/** A class is made, a factory is called; some factories take express-session and give a class. */
function construct(given: unknown, options: object, deep = false): unknown {
  if (isConnectStore(given) || typeof given !== 'function') return given
  if (isStoreClass(given)) return new (given as BuildClass)(options)
  return deep ? given : construct((given as Build)(expressSession), options, true)
}

function isStoreClass(given: { readonly prototype?: unknown }): boolean {
  const { prototype } = given
  return typeof prototype === 'object' && prototype !== null && has(prototype, 'get')
}

/** The app's own module first, then one that came with Catamaran. */
async function loadModule(name: string, root: string): Promise<unknown> {
  for (const place of [join(root, 'package.json'), import.meta.url]) {
    const path = resolveFrom(place, name)
    if (path !== undefined) return storeOf(await import(pathToFileURL(path).href))
  }
  throw new CatamaranError('E_ADAPTER_UNKNOWN', [name, ''])
}

/** The store among what a module exports: its default, or the class that goes by a name. */
function storeOf(exported: Record<string, unknown>): unknown {
  const main = exported['default']
  const all = [main, ...Object.values(exported), ...Object.values(Object(main))]
  return all.find((item) => typeof item === 'function' && isStoreClass(item)) ?? main
}

/** Whether it is a `SessionStore` already, and needs no wrapping. */
function isOwnStore(value: unknown): value is SessionStore {
  if (typeof value !== 'object' || value === null) return false
  return ['read', 'create', 'swap', 'touch', 'destroy'].every((verb) => has(value, verb))
}

/** Connect has no word for it; these are the usual ones. */
async function release(store: ConnectStore): Promise<void> {
  const verb = ['close', 'stopInterval', 'disconnect'].find((name) => has(store, name))
  if (verb) await (Reflect.get(store, verb) as Build).call(store)
}

function nameOf(made: unknown, otherwise: string): string {
  return Object(made).constructor?.name || otherwise
}
