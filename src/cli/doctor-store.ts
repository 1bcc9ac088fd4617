/**
 * What `catamaran doctor` says of the stores: whether they answer, and how they may lose sessions.
 * Nothing is written to them, and no file is made; a MongoDB gets its index for old sessions, as by a start.
 */
import type { Config } from '../config/schema.ts'
import { type Kept, openKept } from '../session/stores/configured.ts'
import { within } from '../session/stores/guard.ts'
import { sqliteFile } from '../session/stores/open.ts'
import { type Finding, findingsOf } from './doctor-finding.ts'
import { failureWords } from './failure.ts'

/** **Milliseconds** for one store, whatever it does. */
const limit = 10_000

/** Checks the store of the app, and the one before where one is named. */
export async function checkStores(config: Config): Promise<readonly Finding[]> {
  const { previous } = config.session
  const both = [
    checkStore('store', config.session, config),
    ...(previous ? [checkStore('previous', previous, config)] : []),
  ]
  return (await Promise.all(both)).flat()
}

async function checkStore(check: string, kept: Kept, config: Config): Promise<Finding[]> {
  const { ok, warning, error } = findingsOf(check)
  const isBuiltIn = !kept.store && !kept.handleConstructingSessionStore
  const { adapter, file } = kept
  if (isBuiltIn && adapter === 'memory') return [memoryFinding(check, config.environment)]
  try {
    if (isBuiltIn && adapter === 'sqlite') {
      const { lookAtFile } = await import('../session/stores/sqlite-look.ts')
      const path = sqliteFile(config.root, file)
      await lookAtFile(path)
      return [ok(`sqlite: ${path} can be written`)]
    }
    const { name, risks, warnings } = await askStore(kept, config)
    const found = [
      ...risks.map(({ what, fix }) => warning(`${name}: ${what}`, fix)),
      ...warnings.map((what) => warning(`${name}: ${what}`, 'See docs/stores.md')),
    ]
    return [ok(`${name} answers`), ...found]
  } catch (thrown) {
    return [error(...wordsOf(thrown, 'Start it, or mend what config/session says of it'))]
  }
}

/** Opens a store as the app would, and asks it how it is; rejects where that takes too long. */
export function askStore(kept: Kept, config: Config) {
  return within(limit, ask(kept, config))
}

async function ask(kept: Kept, { session, root }: Config) {
  const warnings: string[] = []
  const warn = (message: string) => void warnings.push(message)
  const secrets = [session.secret].flat() as [string, ...string[]]
  const { storeTimeout } = session
  const context = { root, clock: Date.now, warn }
  const store = await openKept({ storeTimeout, ...kept }, secrets, context)
  try {
    await store.check()
    return { name: store.name, risks: (await store.risks?.()) ?? [], warnings }
  } finally {
    await store.close()
  }
}

function memoryFinding(check: string, environment: string): Finding {
  const { ok, warning } = findingsOf(check)
  if (environment !== 'production') return ok('memory: sessions end with the process')
  const what = 'memory: a restart logs everybody out, and no other process knows the sessions'
  return warning(what, "Set adapter: 'redis', or 'sqlite' on one machine, in config/session")
}

/** What happened, with the driver's own words, and what to do where the error does not say. */
export function wordsOf(thrown: unknown, fix: string): [what: string, fix: string] {
  const { message, hint = fix } = failureWords(thrown)
  const { cause } = Object(thrown)
  return [cause instanceof Error ? `${message} (${cause.message})` : message, hint]
}
