/**
 * The texts of a memory shelf as express-session's MemoryStore shows them: sessions with their expiry, and
 * `sessions`, the object of texts that apps and tests reach into.
 */
import type { Clock } from '../store.ts'
import type { ConnectSession } from './connect-face.ts'
import type { Shelf } from './memory-shelf.ts'

/** **Milliseconds** of a session whose cookie has no end. */
const day = 86_400_000

export interface MemoryTexts {
  readonly view: Record<string, string>
  replace(texts: Record<string, string>): void
  get(id: string): ConnectSession | undefined
  set(id: string, session: ConnectSession): void
  touch(id: string, session: ConnectSession): void
  remove(id: string): void
  all(): Record<string, ConnectSession>
  clear(): void
}

export function textsOf(shelf: Shelf, clock: Clock): MemoryTexts {
  function get(id: string): ConnectSession | undefined {
    const record = shelf.living(id)
    if (!record) return undefined
    const session = JSON.parse(record.text) as ConnectSession
    // Renewals are not written into the text.
    if (session?.cookie?.expires) session.cookie.expires = new Date(record.expires).toISOString()
    return session
  }

  function put(id: string, text: string, expires: number): void {
    const record = shelf.living(id)
    if (expires <= clock()) shelf.remove(id)
    else if (!record) shelf.add(id, text, expires)
    else {
      shelf.renew(id, record, expires)
      shelf.rewrite(id, record, text)
    }
  }

  const set = (id: string, session: ConnectSession) =>
    put(id, JSON.stringify(session), endOf(session) ?? clock() + day)

  function clear(): void {
    for (const id of shelf.records.keys()) shelf.remove(id)
  }

  const view = viewOf(shelf, (id, text) => put(id, text, endOf(sessionIn(text)) ?? clock() + day))

  return {
    view,
    get,
    set,
    clear,
    remove: shelf.remove,
    touch(id, session) {
      const stored = get(id)
      if (stored) set(id, { ...stored, cookie: session.cookie })
    },
    all() {
      const sessions: Record<string, ConnectSession> = Object.create(null)
      for (const id of [...shelf.records.keys()]) {
        const session = get(id)
        if (session) sessions[id] = session
      }
      return sessions
    },
    replace(texts) {
      clear()
      for (const [id, text] of Object.entries(texts)) view[id] = text
    },
  }
}

function viewOf(shelf: Shelf, put: (id: string, text: string) => void): Record<string, string> {
  const textOf = (id: string | symbol) =>
    typeof id === 'string' ? shelf.living(id)?.text : undefined
  return new Proxy(Object.create(null) as Record<string, string>, {
    get: (_, id) => textOf(id),
    has: (_, id) => textOf(id) !== undefined,
    ownKeys: () => [...shelf.records.keys()].filter((id) => shelf.living(id)),
    getOwnPropertyDescriptor(_, id) {
      const value = textOf(id)
      if (value === undefined) return undefined
      return { value, writable: true, enumerable: true, configurable: true }
    },
    set(_, id, text) {
      put(String(id), String(text))
      return true
    },
    deleteProperty(_, id) {
      shelf.remove(String(id))
      return true
    },
  })
}

/** When the cookie ends, in milliseconds since the epoch. */
function endOf(session: Partial<ConnectSession> | undefined): number | undefined {
  const expires = session?.cookie?.expires
  const end = expires ? new Date(expires).getTime() : Number.NaN
  return Number.isNaN(end) ? undefined : end
}

function sessionIn(text: string): Partial<ConnectSession> | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
