/**
 * Opens the session store that a word of the command line means.
 */
import type { SessionConfig } from '../config/session.ts'
import { type AtRestConfig, previousConfig, type StoreConfig } from '../config/store-keys.ts'
import { CatamaranError } from '../errors.ts'
import type { SessionStore } from '../session/store.ts'
import { openKept } from '../session/stores/configured.ts'
import type { SessionsContext } from './sessions-options.ts'

export type NamedStore = StoreConfig & AtRestConfig

/** Adapters by how an address begins. */
const schemes: readonly (readonly [RegExp, string, 'url' | 'file'])[] = [
  [/^(rediss?|unix):\/\//, 'redis', 'url'],
  [/^mongodb(\+srv)?:\/\//, 'mongo', 'url'],
  [/^sqlite:/, 'sqlite', 'file'],
]

/**
 * Opens a store for the command; whoever opens it closes it.
 *
 * @throws {CatamaranError} `E_STORE_NAME`, `E_STORE_OPTIONS` for memory, and as `openStore`
 */
export async function openNamed(
  word: string,
  { session, root, terminal }: SessionsContext,
): Promise<SessionStore> {
  const { storeTimeout, secret } = session
  const named = storeOfWord(word, session)
  if (named.adapter === 'memory' && !named.store) {
    const why = 'nobody but the app itself sees its sessions: name another store'
    throw new CatamaranError('E_STORE_OPTIONS', ['memory', why])
  }
  const secrets = [secret].flat() as [string, ...string[]]
  const context = { root, clock: Date.now, warn: terminal.warn }
  return openKept({ storeTimeout, ...named }, secrets, context)
}

/**
 * Reads `session` and `previous` (as the config has them), an adapter's name, or an address. An adapter that
 * the config uses is meant as it stands there, `hashIds` and `encrypt` included.
 *
 * @throws {CatamaranError} `E_STORE_NAME`
 */
export function storeOfWord(word: string, session: SessionConfig): NamedStore {
  const { previous } = session
  if (word === 'session' || word === session.adapter) return session
  if (previous && (word === 'previous' || word === previous.adapter)) return previous
  const [scheme, adapter, key] = schemes.find(([begin]) => begin.test(word)) ?? []
  const place = scheme && key === 'file' ? word.replace(scheme, '') : word
  const given = adapter && key ? { adapter, [key]: place } : { adapter: word }
  const known = adapter || ['sqlite', 'redis', 'mongo'].includes(word)
  const parsed = known ? previousConfig.safeParse(given, { jitless: true }) : undefined
  if (parsed?.success) return parsed.data
  throw new CatamaranError('E_STORE_NAME', [word.replace(/\/\/[^@/]*@/, '//')])
}
