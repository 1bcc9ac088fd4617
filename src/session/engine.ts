/**
 * From `config/session` to a working session engine: opens the store it names and puts the parts together.
 */
import type { Config } from '../config/schema.ts'
import { createSigner } from './cookie.ts'
import { createLife } from './life.ts'
import { createSessions, type Sessions } from './lifecycle.ts'
import { parseRecord } from './record.ts'
import { attachSessionStore, createSessionStore } from './session-store.ts'
import type { SessionReport } from './settings.ts'
import type { Clock, SessionStore } from './store.ts'
import { openConfigured } from './stores/configured.ts'

export interface Engine {
  readonly sessions: Sessions
  readonly store: SessionStore
  /** What cookies are signed with; the first signs, all verify. */
  readonly secrets: readonly [string, ...string[]]
  /** Gives requests `sessionStore`, by their prototype. */
  attachStore(request: object): void
}

export interface EngineContext {
  readonly clock: Clock
  readonly report: SessionReport
  warn(message: string): void
}

/** @throws {CatamaranError} `E_ADAPTER_*`, `E_STORE_OPTIONS` */
export async function createEngine(
  { session, root, environment }: Config,
  { clock, report, warn }: EngineContext,
): Promise<Engine> {
  const secrets = [session.secret ?? []].flat() as [string, ...string[]]
  const isUserless = (text: string) => parseRecord(text)?.[session.user ?? 'userId'] === undefined
  const store = await openConfigured(session, secrets, { root, clock, warn, isUserless })
  const signer = createSigner(session.key, secrets)
  const ttl = session.ttl ?? store.ttl
  const life = createLife({ ...session, ttl, clock })
  const { genid, proxy, data: schema, version = 0, migrate, ...settings } = session
  const typed =
    schema || version > 0
      ? (await import('./typed.ts')).createTyped({ schema, version, migrate, warn })
      : undefined
  const { createSecurity } = proxy === undefined ? {} : await import('./security.ts')
  const isWatched = environment !== 'production'
  const { createLateWatch } = isWatched ? await import('./late-changes.ts') : {}
  const sessions = createSessions({
    ...settings,
    ...(genid && { genid }),
    ...(createSecurity && { isSecure: createSecurity(proxy) }),
    typed,
    lateWatch: createLateWatch,
    cookieName: session.key,
    store,
    signer,
    secrets,
    life,
    report,
  })
  const attachStore = (request: object) =>
    attachSessionStore(request, () => createSessionStore(store, { report, ttl, clock }))
  return { sessions, store, secrets, attachStore }
}
