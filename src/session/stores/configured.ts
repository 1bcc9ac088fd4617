/**
 * From `config/session` to the store the engine uses: opens what is named there, and puts around it what
 * keeps sessions from its owner. The decorators are loaded only when they are asked for.
 */
import { isDeepStrictEqual } from 'node:util'
import { connectionOf } from '../../config/connection.ts'
import type { AtRestConfig, StoreConfig } from '../../config/store-keys.ts'
import type { JsonObject } from '../merge.ts'
import type { SessionStore } from '../store.ts'
import { openStore, type StoreContext, sqliteFile } from './open.ts'

/** One secret or more; the first encrypts, all decrypt. */
export type Secrets = readonly [string, ...string[]]

/** What is said of one store. */
export type Kept = StoreConfig & AtRestConfig

/** What is said of the store an app uses, and of the one before. */
export interface Configured extends Kept {
  readonly previous?: Kept | undefined
  readonly storeTimeout: number
  /** Life in **seconds** of sessions whose cookie has none. */
  readonly ttl?: number | undefined
}

/**
 * Opens the store of an app, with the one before behind it where one is named.
 *
 * @throws {CatamaranError} as `openStore`
 */
export async function openConfigured(
  config: Configured,
  secrets: Secrets,
  context: StoreContext,
): Promise<SessionStore> {
  const { previous, storeTimeout } = config
  const main = await openKept(config, secrets, context)
  if (!previous) return main
  if (isSamePlace(config, previous, context.root)) {
    context.warn('session.previous is the store itself and has no effect: leave it out')
    return main
  }
  const { withPrevious } = await import('./previous.ts')
  try {
    const before = await openKept({ storeTimeout, ...previous }, secrets, context)
    // A request may have waited for the main store before.
    const seconds = (storeTimeout * 2) / 3
    const lifeOf = lifeBy({ ttl: config.ttl ?? main.ttl })
    return withPrevious(main, before, { seconds, warn: context.warn, lifeOf })
  } catch (error) {
    await main.close()
    throw error
  }
}

/**
 * Opens one store and what keeps its owner from reading sessions.
 *
 * @throws {CatamaranError} as `openStore`
 */
export async function openKept(
  config: Kept & { readonly storeTimeout?: number },
  secrets: Secrets,
  context: StoreContext,
): Promise<SessionStore> {
  const bare = await openStore(settingsOf(config), context)
  const { encrypted } = config.encrypt ? await import('./encrypted.ts') : {}
  const { hashed } = config.hashIds ? await import('./hashed.ts') : {}
  const sealed = encrypted ? encrypted(bare, secrets) : bare
  return hashed ? hashed(sealed) : sealed
}

/** Whether both keep their records under the same keys of one place: what is ended in one is gone in the other. */
function isSamePlace(one: Kept, other: Kept, root: string): boolean {
  const [here, there] = [one, other].map((config) => settingsOf(config))
  if (here?.store !== there?.store || one.client !== other.client) return false
  return isDeepStrictEqual(placeOf(one, root), placeOf(other, root))
}

function placeOf(config: Kept, root: string): object {
  const { adapter, file, hashIds } = config
  const { url, cluster, host, port, db, prefix, collection } = connectionOf(config)
  const server = cluster ?? url ?? [host, port, db]
  const places: Record<string, unknown> = {
    memory: [],
    sqlite: sqliteFile(root, file),
    redis: [server, prefix],
    mongo: [server, collection],
  }
  return [hashIds, adapter, places[String(adapter)] ?? [server, prefix, collection]]
}

/** How long a session lives on whose store can't tell: by its cookie, else as the config says. */
export function lifeBy({ ttl = 86_400 }: Pick<Configured, 'ttl'>) {
  return (record: JsonObject | undefined): number => {
    const { expires, originalMaxAge } = { ...(record?.['cookie'] as JsonObject | undefined) }
    const left = (Date.parse(String(expires)) - Date.now()) / 1000
    if (left > 0) return left
    return typeof originalMaxAge === 'number' ? originalMaxAge / 1000 : ttl
  }
}

function settingsOf(config: Kept) {
  const isNamed = typeof config.adapter === 'string'
  return {
    ...config,
    adapter: isNamed ? String(config.adapter) : 'a store of your own',
    store: config.store ?? (isNamed ? undefined : config.adapter),
    connection: connectionOf(config) as object,
  }
}
