/**
 * The life of a session within one request or socket event: open, commit, end. The only caller of a
 * store. Knows nothing of HTTP or sockets: the doors bring the cookie header and send what comes back.
 */
import { CatamaranError } from '../errors.ts'
import { createBudget } from './budget.ts'
import { createCommitter } from './commit.ts'
import { createId } from './cookie.ts'
import { createEndings } from './ending.ts'
import { createHandle } from './handle.ts'
import type { JsonObject } from './merge.ts'
import { cookieOf, parseRecord } from './record.ts'
import { Session } from './session.ts'
import { createAnswerCookies } from './set-cookie.ts'
import type { SessionSettings } from './settings.ts'
import { createTurns } from './turns.ts'
import { type Identity, type Visit, visitOf } from './visit.ts'

export interface Sessions {
  /**
   * Opens the session a cookie header names, or a new one, as `request.session`.
   *
   * @throws {CatamaranError} `E_STORE_DOWN`
   */
  open(request: Visit['request'], header: string | undefined, whenDown?: WhenDown): Promise<Visit>
  /**
   * Opens the session a socket is bound to, for one event.
   *
   * @throws {CatamaranError} `E_SESSION_ENDED`, `E_STORE_DOWN`
   */
  resume(request: Visit['request'], bound: Bound): Promise<Visit>
  /**
   * Stores what changed. Nothing of the answer may leave before this is done.
   *
   * @returns the `Set-Cookie` line the answer must carry, if any
   * @throws {CatamaranError} `E_STORE_DOWN`, `E_SESSION_BUSY`, `E_SESSION_VALUE`, `E_SESSION_TOO_LARGE`
   */
  commit(visit: Visit): Promise<string | undefined>
  /** To be called at the end of a streamed answer: tells when the session changed after it had begun. */
  checkSealed(visit: Visit): void
  /** To be called when the answer has left: tells the sockets of an id that it has replaced. */
  answered(visit: Visit): void
  /**
   * Finds who connects, for a handshake: a known session, or a fresh id with the `Set-Cookie` line that
   * carries it. A store that is down lets the socket in; its events will say so.
   */
  identify(
    request: Visit['request'],
    header: string | undefined,
  ): Promise<{ readonly identity: Identity; readonly cookie: string | undefined }>
  /** A new id, under which nothing is stored yet. */
  fresh(): Identity
  /** **Seconds** a session lives unless its cookie says otherwise. */
  readonly usualLife: number
  /** **Seconds** the session of this visit lives from now. */
  lifeOf(visit: Visit): number
  /** Whether the record of this id is still there; for expiry without traffic. */
  isAlive(id: string): Promise<boolean>
  /**
   * Resolves when the store answers now.
   *
   * @throws {CatamaranError} `E_STORE_DOWN`, within the time a request would wait
   */
  check(): Promise<void>
}

/** What to do when the store does not answer, where it is not as the config says. */
export type WhenDown = SessionSettings['onStoreError'] | undefined

/** What an event comes with. */
export interface Bound {
  readonly identity: Identity
  /** The socket. */
  readonly owner: object
  readonly whenDown?: WhenDown
}

export function createSessions(settings: SessionSettings): Sessions {
  const { store, signer, life, report } = settings
  const ask = createBudget(store, { seconds: settings.storeTimeout, warn: report.warn })
  const unreadable = new Set<string>()
  const defaultCookie = cookieOf(undefined, settings.cookie)
  const inTurn = createTurns()
  const endings = createEndings(settings, { ask, inTurn })
  const cookies = createAnswerCookies(settings, endings)
  const tools = { ask, inTurn, endings, cookies }
  const committer = createCommitter(settings, tools)
  const handleOf = createHandle(settings, { ...tools, committer, begin, fresh })

  async function open(
    request: Visit['request'],
    header: string | undefined,
    whenDown: WhenDown = settings.onStoreError,
  ): Promise<Visit> {
    const signed = signer.idsIn(header)
    const spent = { waited: 0 }
    const stranger = () => ({ ...spent, identity: fresh(request), sentId: signed[0]?.id })
    try {
      for (const { id, stale } of signed) {
        const found = await load(spent, id)
        if (!found) continue
        const identity = { id, stored: true, ended: false }
        const { text: base, renewed } = found
        const known = { ...spent, identity, base, renewed, sentId: id, sendCookie: stale }
        return begin(visitOf(request, known), found.value)
      }
    } catch (error) {
      if (whenDown === 'fail') throw error
      return begin(visitOf(request, { ...stranger(), detached: true }))
    }
    return begin(visitOf(request, stranger()))
  }

  async function resume(
    request: Visit['request'],
    { identity, owner, whenDown = settings.onStoreError }: Bound,
  ): Promise<Visit> {
    if (identity.ended) throw new CatamaranError('E_SESSION_ENDED')
    const visit = visitOf(request, { identity, owner, sentId: identity.id })
    if (!identity.stored) return begin(visit)
    const found = await load(visit, identity.id).catch((error: unknown) => {
      if (whenDown === 'fail') throw error
      return 'down' as const
    })
    if (found === 'down') {
      return begin(visitOf(request, { identity: fresh(request), owner, detached: true }))
    }
    if (!found) {
      endings.gone(visit, 'expired')
      throw new CatamaranError('E_SESSION_ENDED')
    }
    visit.base = found.text
    visit.renewed = found.renewed
    return begin(visit, found.value)
  }

  function fresh(request?: Visit['request']): Identity {
    const id = request && settings.genid ? settings.genid(request) : createId()
    return { id, stored: false, ended: false }
  }

  /** Reads a record, renewing its life along the way where that is due. */
  async function load(spent: { waited: number }, id: string) {
    const renew = life.dueAtRead(id)
    const text = await ask(spent, () => store.read(id, renew))
    if (text === undefined) return undefined
    if (renew !== undefined) life.renewed(id, renew)
    const value = parseRecord(text)
    if (value) return { text, value, renewed: renew !== undefined }
    if (!unreadable.has(id)) report.unreadable(id)
    unreadable.add(id)
    return undefined
  }

  /** Puts the session object on the request. */
  function begin(visit: Visit, record?: JsonObject): Visit {
    const { request } = visit
    request.sessionID = visit.identity.id
    const cookie = cookieOf(record?.['cookie'], cookies.attributesFor(request))
    const handle = handleOf(visit)
    request.session = new Session(request, { data: record ?? {}, cookie, handle })
    return visit
  }

  async function identify(request: Visit['request'], header: string | undefined) {
    const signed = signer.idsIn(header)
    try {
      for (const { id } of signed) {
        if (await load({ waited: 0 }, id)) return known(id)
      }
    } catch {
      // Its first event will find out, and answer 503 until the store is back.
      if (signed[0]) return known(signed[0].id)
    }
    const visit = begin(visitOf(request, { identity: fresh(request) }))
    if (settings.saveUninitialized) await committer.keep(visit).catch(() => {})
    return { identity: visit.identity, cookie: cookies.firstLineOf(visit) }
  }

  return {
    open,
    resume,
    commit: committer.commit,
    checkSealed: committer.checkSealed,
    answered: endings.answered,
    identify,
    fresh: () => fresh(),
    usualLife: life.secondsOf(defaultCookie),
    lifeOf: ({ request }) => life.secondsOf(request.session?.cookie ?? defaultCookie),
    isAlive: async (id) => (await ask({ waited: 0 }, () => store.read(id))) !== undefined,
    check: () => ask({ waited: 0 }, () => store.check()),
  }
}

function known(id: string) {
  return { identity: { id, stored: true, ended: false }, cookie: undefined }
}
