/**
 * What an app's actions have as `req.sessionStore`: its store by the methods of Connect, for code that looks up
 * another session than its own. Made when it is first asked for.
 */
import { isMarkerText } from './marker.ts'
import type { SessionReport } from './settings.ts'
import type { Clock, SessionStore } from './store.ts'
import { around } from './stores/around.ts'
import { ConnectFace } from './stores/connect-face.ts'

interface Ground {
  readonly report: Pick<SessionReport, 'ended'>
  readonly ttl: number | undefined
  readonly clock: Clock
}

/** A Connect store over the app's own; a session destroyed in it ends on every node. */
export function createSessionStore(
  store: SessionStore,
  { report, ttl, clock }: Ground,
): ConnectFace {
  const own = around(store, {
    async read(id, renew) {
      const text = await store.read(id, renew)
      // Where a rotated id leads, only who is under way may know.
      return text !== undefined && isMarkerText(text) ? undefined : text
    },
    async destroy(id) {
      const removed = await store.destroy(id)
      report.ended({ id, reason: 'revoked', reconnect: false, owner: undefined })
      return removed
    },
    // The app's, which goes on.
    async close() {},
  })
  return new ConnectFace(own, { ...(ttl !== undefined && { ttl }), clock })
}

/** Puts it on the prototype of all requests, where anybody may put another in its place. */
export function attachSessionStore(request: object, create: () => ConnectFace): void {
  let made: ConnectFace | undefined
  Object.defineProperty(request, 'sessionStore', {
    configurable: true,
    get() {
      made ??= create()
      return made
    },
    set(value: unknown) {
      Object.defineProperty(this, 'sessionStore', { value, writable: true, configurable: true })
    },
  })
}
