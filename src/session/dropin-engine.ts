/**
 * The session engine as the drop-in sets it up: express-session's ways where they differ from an app's.
 */
import type { IncomingMessage } from 'node:http'
import { createSigner, type Secret, type SignedId } from './cookie.ts'
import type { SessionOptions } from './dropin-options.ts'
import { createDropInReport, type DropInReport } from './dropin-report.ts'
import { attributesFor, createIds, type DropInRequest } from './dropin-request.ts'
import { createLife } from './life.ts'
import { createSessions } from './lifecycle.ts'
import { createSecurity } from './security.ts'
import type { Sessions } from './sessions.ts'
import type { SessionSettings } from './settings.ts'
import type { ConnectStore } from './stores/connect-calls.ts'
import { type Choice, chooseStore } from './stores/connect-choice.ts'

/** An engine with the secrets of some requests. */
export interface DropInEngine {
  readonly sessions: Sessions
  /** The properly signed ids a request brings. */
  idsOf(request: DropInRequest): readonly SignedId[]
}

/** Gives the engine for a request; `undefined` where neither options nor request have a secret. */
export type EngineFor = (request: DropInRequest) => DropInEngine | undefined

/** Engines of apps whose secrets come with the request; more than one is unusual. */
const mostEngines = 100

interface Speech {
  /** Says once per place that something is out of date. */
  deprecate(message: string): void
  /** Where all else goes; the console unless given. */
  readonly say?: (line: string) => void
  /** What its user calls the option `proxy`. */
  readonly proxyOption?: string
}

export function createDropInEngines(
  options: SessionOptions,
  store: ConnectStore,
  { deprecate, say, proxyOption = 'proxy' }: Speech,
): EngineFor {
  const { name, key, secret } = options
  const cookieName = name || key || 'connect.sid'
  const idsIn = createIds(cookieName, deprecate)
  const shared = {
    ...createSettings(options, store, createDropInReport(say)),
    proxyOption,
  }

  function createEngine(secrets: readonly [Secret, ...Secret[]]): DropInEngine {
    const signer = createSigner(cookieName, secrets)
    const sessions = withoutBogus(createSessions({ ...shared, cookieName, signer }))
    return { sessions, idsOf: (request) => idsIn(request, signer) }
  }

  if (secret) {
    const engine = createEngine((Array.isArray(secret) ? [...secret] : [secret]) as [Secret])
    return () => engine
  }
  const engines = new Map<string, DropInEngine>()
  return ({ secret: given }) => {
    if (!given) return undefined
    const engine = engines.get(given) ?? createEngine([given])
    if (engines.size >= mostEngines) engines.clear()
    engines.set(given, engine)
    return engine
  }
}

/** A session whose request was given an id that is no text is nobody's: it is neither stored nor sent. */
function withoutBogus(sessions: Sessions): Sessions {
  const nothing = Promise.resolve(undefined)
  return {
    ...sessions,
    commit: (visit) =>
      typeof visit.request.sessionID === 'string' ? sessions.commit(visit) : nothing,
  }
}

function createSettings(
  options: SessionOptions,
  given: ConnectStore,
  report: DropInReport,
): Omit<SessionSettings, 'signer' | 'cookieName'> {
  const { genid, touchAfter = 0, ttl, storeTimeout = 1.5, proxy } = options
  const cookie = options.cookie || {}
  const isSecure = createSecurity(proxy)
  const choice = chooseStore(given, { ownLives: false, storeTimeout, warn: report.warn })
  return {
    store: choice.store,
    life: lifeOver(
      choice,
      createLife({ ttl: ttl ?? choice.store.ttl, touchAfter, exact: true, clock: Date.now }),
    ),
    // What a request gets is asked of `express.attributesOf`.
    cookie: {},
    saveUninitialized: options.saveUninitialized ?? true,
    rolling: Boolean(options.rolling),
    unset: options.unset || 'keep',
    merge: options.merge ?? {},
    user: options.user,
    maxBytes: options.maxBytes ?? 65_536,
    storeTimeout,
    onStoreError: options.onStoreError ?? 'fail',
    genid,
    report,
    isSecure,
    express: createManners(options, { choice, cookie, isSecure, lossy: report.lossy }),
  }
}

interface Manners extends Pick<Required<SessionOptions>, 'cookie'> {
  readonly choice: Choice
  isSecure(request: object): boolean
  lossy(error: unknown): void
}

function createManners(
  { resave = true }: SessionOptions,
  { choice, cookie, isSecure, lossy }: Manners,
): SessionSettings['express'] {
  return {
    attributesOf(request: IncomingMessage) {
      const attributes = typeof cookie === 'function' ? cookie(request) : cookie
      return attributesFor(attributes, () => isSecure(request))
    },
    isPlain: choice.isPlain,
    resave,
    lossy,
  }
}

/** Connect stores are renewed by `touch`, after the action, as they are used to. */
function lifeOver({ isPlain }: Choice, life: ReturnType<typeof createLife>) {
  return { ...life, dueAtRead: (id: string) => (isPlain() ? undefined : life.dueAtRead(id)) }
}
