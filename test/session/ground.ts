/**
 * A session engine on a store that is watched, with a clock that can be moved, and browsers that visit it
 * without a server.
 */
import type { IncomingMessage } from 'node:http'
import { onTestFinished } from 'vitest'
import type { AppSession } from '../../src/session/app-session.ts'
import { createSigner } from '../../src/session/cookie.ts'
import { createLife, type LifeSettings } from '../../src/session/life.ts'
import { createSessions, type Sessions } from '../../src/session/lifecycle.ts'
import type { SessionSettings } from '../../src/session/settings.ts'
import type { SessionStore } from '../../src/session/store.ts'
import { createMemoryStore } from '../../src/session/stores/memory.ts'
import type { Ending, Identity, Visit } from '../../src/session/visit.ts'
import { plainSettings } from './plain-settings.ts'

export type Data = Record<string, unknown> & { views?: number }
export type TestSession = Omit<AppSession, 'update'> &
  Data & { update<T>(change: (data: Data) => T): Promise<T> }
export type TestRequest = IncomingMessage & {
  session: TestSession
  sessionID: string
  secure: boolean
}

type Verb = 'read' | 'create' | 'swap' | 'touch' | 'destroy'
const verbs: readonly Verb[] = ['read', 'create', 'swap', 'touch', 'destroy']

export interface WatchedStore extends SessionStore {
  /** The verbs called since it was last asked. */
  calls(): string[]
  /** Runs before each call; what it throws, the call throws. */
  before(hook: ((verb: Verb, id: string) => unknown) | undefined): void
  /** The text of an id, and putting one there, past all counting. */
  textOf(id: string): Promise<string | undefined>
  put(id: string, text: string): Promise<void>
}

/**
 * Watches a store: which verbs are called, and what happens before.
 *
 * @param atOnce - it may do at once what it can; nothing happens before that
 */
export function watch(store: SessionStore, atOnce = false): WatchedStore {
  const called: string[] = []
  let hook: ((verb: Verb, id: string) => unknown) | undefined
  const watched = verbs.map((verb) => [
    verb,
    async (id: string, ...rest: unknown[]) => {
      called.push(verb === 'read' && rest[0] !== undefined ? 'read+renew' : verb)
      await hook?.(verb, id)
      return (store[verb] as (...given: unknown[]) => unknown)(id, ...rest)
    },
  ])
  const { readNow, swapNow, ...others } = store
  const now = {
    ...(readNow && { readNow: counted('readNow', readNow) }),
    ...(swapNow && { swapNow: counted('swapNow', swapNow) }),
  }

  function counted<A extends unknown[], R>(name: string, verb: (...given: A) => R) {
    return (...given: A) => {
      called.push(name)
      return verb(...given)
    }
  }

  return {
    ...others,
    ...(atOnce && now),
    ...Object.fromEntries(watched),
    calls: () => called.splice(0),
    before(given) {
      hook = given
    },
    textOf: (id) => store.read(id),
    async put(id, text) {
      await store.destroy(id)
      await store.create(id, text, 3600)
    },
  }
}

export interface Told {
  readonly ended: Ending[]
  readonly moved: { owner: object; to: Identity; how: string }[]
  readonly changed: { id: string; fields: object }[]
  readonly dropped: string[]
  readonly merged: string[]
  readonly unreadable: string[]
  readonly warned: string[]
}

export interface GroundOptions extends Partial<Omit<SessionSettings, 'store' | 'life' | 'signer'>> {
  readonly secrets?: readonly [string, ...string[]]
  readonly ttl?: number
  readonly touchAfter?: number
  readonly absolute?: number
  readonly store?: SessionStore
  /** The store does at once what it can; no hook runs before that. */
  readonly atOnce?: boolean
}

export interface Ground {
  readonly sessions: Sessions
  readonly store: WatchedStore
  readonly told: Told
  /** The clock; add **milliseconds** to it. */
  readonly time: { now: number }
  browser(cookie?: string): Browser
  /** Another node on the same store, clock and secrets. */
  node(options?: GroundOptions): Ground
}

/** An engine for a test, by default on memory with `user: 'userId'`. */
export function createGround(options: GroundOptions = {}): Ground {
  const time = { now: Date.now() }
  const store = watch(options.store ?? memory(() => time.now), options.atOnce)
  // A real store on a busy machine is slow, not down.
  const patient = options.store ? { storeTimeout: 20, ...options } : options
  return createNode({ time, store, options: patient })
}

function memory(clock: () => number): SessionStore {
  const store = createMemoryStore({ clock })
  onTestFinished(() => store.close())
  return store
}

interface Node {
  readonly time: { now: number }
  readonly store: WatchedStore
  readonly options: GroundOptions
}

function createNode({ time, store, options }: Node): Ground {
  const told: Told = {
    ...{ ended: [], moved: [], changed: [] },
    ...{ dropped: [], merged: [], unreadable: [], warned: [] },
  }
  const { secrets = ['keyboard cat'], store: _, atOnce: __, ...rest } = options
  const { ttl, touchAfter, absolute, ...given } = rest
  const clock = () => time.now
  const lives: LifeSettings = { ttl, touchAfter, absolute, clock }
  const sessions = createSessions({
    ...plainSettings,
    report: {
      ended: (ending) => void told.ended.push(ending),
      replaced: (id, reason) =>
        void told.ended.push({ id, reason, reconnect: true, owner: undefined }),
      moved: (owner, to, how) => void told.moved.push({ owner, to, how }),
      changed: (id, fields) => void told.changed.push({ id, fields }),
      dropped: (id) => void told.dropped.push(id),
      merged: (_id, paths) => void told.merged.push(...paths),
      unreadable: (id) => void told.unreadable.push(id),
      warn: (message) => void told.warned.push(message),
    },
    ...given,
    store,
    signer: createSigner('sid', secrets),
    secrets,
    life: createLife(lives),
  })
  return {
    sessions,
    store,
    told,
    time,
    browser: (cookie) => createBrowser(sessions, cookie),
    node: (other = {}) => createNode({ time, store, options: { ...options, ...other } }),
  }
}

/** A request under way: opened, not yet answered. */
export interface Open {
  readonly req: TestRequest
  readonly visit: Visit
  /** Commits and answers; gives the `Set-Cookie` line. */
  end(): Promise<string | undefined>
}

export interface Browser {
  /** Opens a session as a request does. */
  open(): Promise<Open>
  /** Opens, acts and answers. */
  visit(act?: (session: TestSession, req: TestRequest) => unknown): Promise<string | undefined>
  /** The data a fresh request sees. */
  data(): Promise<Record<string, unknown>>
  /** The cookie header it sends; may be set. */
  cookie: string
  secure: boolean
}

function createBrowser(sessions: Sessions, cookie = ''): Browser {
  const browser: Browser = {
    cookie,
    secure: false,
    async open() {
      const req = createRequest(browser.secure)
      const visit = await sessions.open(req as never, browser.cookie || undefined)
      return { req, visit, end: () => answer(visit) }
    },
    async visit(act) {
      const { req, end } = await browser.open()
      await act?.(req.session, req)
      return end()
    },
    async data() {
      const { req } = await browser.open()
      return dataOf(req.session)
    },
  }

  async function answer(visit: Visit): Promise<string | undefined> {
    const line = await sessions.commit(visit)
    sessions.answered(visit)
    const [pair = ''] = line?.split(';') ?? []
    if (pair) browser.cookie = pair.endsWith('=') ? '' : pair
    return line
  }

  return browser
}

export function createRequest(secure = false): TestRequest {
  return { headers: {}, url: '/page?query', secure } as unknown as TestRequest
}

/** An event of a socket bound to `identity`; no answer carries a cookie. */
export async function openEvent(
  { sessions }: Ground,
  bound: { identity: Identity; owner: object; renewable?: boolean },
): Promise<Open> {
  const req = createRequest()
  const visit = await sessions.resume(req as never, bound)
  return { req, visit, end: async () => sessions.commit(visit) }
}

/** What a session holds beside its cookie. */
export function dataOf(session: object): Record<string, unknown> {
  const { cookie: _, ...data } = session as { cookie?: unknown }
  return { ...data }
}

/** A visitor who has logged in. */
export async function loggedIn(ground: Ground, data: object = { userId: 'ada' }) {
  const browser = ground.browser()
  let id = ''
  await browser.visit((session, req) => {
    Object.assign(session, data)
    id = req.sessionID
  })
  ground.store.calls()
  return { browser, id }
}
