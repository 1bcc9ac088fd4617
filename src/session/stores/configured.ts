/**
 * From `config/session` to the store the engine uses: opens what is named there, and puts around it what
 * keeps sessions from its owner. The decorators are loaded only when they are asked for.
 */
import { connectionOf } from '../../config/connection.ts'
import type { AtRestConfig, StoreConfig } from '../../config/store-keys.ts'
import type { SessionStore } from '../store.ts'
import { openStore, type StoreContext } from './open.ts'

/** One secret or more; the first encrypts, all decrypt. */
export type Secrets = readonly [string, ...string[]]

interface Configured extends StoreConfig, AtRestConfig {
  readonly storeTimeout?: number
}

/**
 * Opens a store and what is around it.
 *
 * @throws {CatamaranError} as `openStore`
 */
export async function openConfigured(
  config: Configured,
  secrets: Secrets,
  context: StoreContext,
): Promise<SessionStore> {
  const bare = await openStore(settingsOf(config), context)
  const { encrypted } = config.encrypt ? await import('./encrypted.ts') : {}
  const { hashed } = config.hashIds ? await import('./hashed.ts') : {}
  const sealed = encrypted ? encrypted(bare, secrets) : bare
  return hashed ? hashed(sealed) : sealed
}

function settingsOf(config: Configured) {
  const isNamed = typeof config.adapter === 'string'
  return {
    ...config,
    adapter: isNamed ? String(config.adapter) : 'a store of your own',
    store: config.store ?? (isNamed ? undefined : config.adapter),
    connection: connectionOf(config) as object,
  }
}
