/**
 * Any Connect store as one of ours. Such a store can only overwrite, so a swap reads again and writes in
 * its turn: exact among the requests of this process, and no further.
 */
import type { Clock, SessionStore } from '../store.ts'
import { type ConnectStore, createCall, has } from './connect-calls.ts'
import { isSameButExpiry, sessionOf, textOfStored, withEnd } from './connect-records.ts'
import { sharedOf } from './connect-shared.ts'
import { createSurvey } from './connect-survey.ts'

export interface ConnectOptions {
  /** For logs and errors; the name of the store's class unless given. */
  name?: string
  clock?: Clock
  /** **Seconds** that one call of the store may take; 1.5 unless given. */
  storeTimeout?: number
  /**
   * Whose word counts for sessions whose cookie has no end, and for renewals of a store without `touch`:
   * the lives our engine asks for (`true`), or what the store does by itself, as in express-session.
   */
  ownLives?: boolean
  /** What a store's error becomes; it stays what it is unless given. */
  errorOf?(said: unknown): unknown
  /** Releases the store, where it was made for us. */
  close?(): Promise<void>
}

/** Wraps a Connect store. */
export function connectStore(store: ConnectStore, options: ConnectOptions = {}): SessionStore {
  const { clock = Date.now, storeTimeout = 1.5, ownLives = true } = options
  const name = options.name ?? nameOf(store)
  const call = createCall(store, { name, seconds: storeTimeout, errorOf: options.errorOf })
  const { inTurn, created, destroyed } = sharedOf(store)
  let closed: Promise<void> | undefined

  const endOf = (ttl: number) => (ownLives ? new Date(clock() + ttl * 1000) : undefined)

  async function get(id: string): Promise<string | undefined> {
    try {
      return textOfStored(await call('get', id))
    } catch (error) {
      // Stores on files mean "no such session" by it.
      if (codeOf(error) === 'ENOENT') return undefined
      throw error
    }
  }

  async function set(id: string, text: string, ttl: number): Promise<void> {
    await call('set', id, sessionOf(text, endOf(ttl)))
    created.add(id)
    destroyed.delete(id)
  }

  async function renew(id: string, { ttl, session }: Renewal): Promise<boolean> {
    if (destroyed.has(id)) return false
    const touches = has(store, 'touch')
    // Without `touch` nothing renews a session whose life is the store's own.
    if (session && (touches || !ownLives)) {
      if (touches) await call('touch', id, withEnd(session, endOf(ttl)))
      return true
    }
    const text = await get(id)
    if (text === undefined) return false
    const shown = sessionOf(text, endOf(ttl))
    if (ownLives) shown.cookie._expires = endOf(ttl) ?? null
    if (touches) await call('touch', id, shown)
    else if (ownLives) await call('set', id, shown)
    return true
  }

  return {
    name,
    reach: 'process',
    async read(id, ttl) {
      const text = await get(id)
      if (text !== undefined && ttl !== undefined) await inTurn(id, () => renew(id, { ttl }))
      return text
    },
    // A new id is nobody else's: it is read first only where this process knows it already.
    create: (id, text, ttl) =>
      inTurn(id, async () => {
        if (created.has(id) && (await get(id)) !== undefined) return false
        await set(id, text, ttl)
        return true
      }),
    swap: (id, before, after, ttl) =>
      inTurn(id, async () => {
        const text = await get(id)
        if (text === undefined || !isSameButExpiry(text, before)) return { text }
        await set(id, after, ttl)
        return 'done'
      }),
    touch: (id, ttl, session) => inTurn(id, () => renew(id, { ttl, session })),
    destroy: (id) =>
      inTurn(id, async () => {
        destroyed.add(id)
        created.delete(id)
        await call('destroy', id)
      }),
    ...createSurvey(store, { name, call }),
    async check() {
      await get('catamaran:check')
    },
    close() {
      closed ??= options.close?.() ?? Promise.resolve()
      return closed
    },
  }
}

interface Renewal {
  readonly ttl: number
  /** The session as its request holds it, which spares reading it again. */
  readonly session?: object | undefined
}

function nameOf(store: object): string {
  return store.constructor?.name || 'connect'
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined
}
