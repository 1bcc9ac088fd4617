/**
 * Around a store: how hashed, encrypted and moved sessions are put on top of any other store.
 */
import type { SessionStore } from '../store.ts'

/**
 * A store that does what `store` does, but for the verbs given. It asks `store` at each call, so that
 * classes work too.
 */
export function around(store: SessionStore, verbs: Partial<SessionStore>): SessionStore {
  const { byKey, risks, secondsLeft, ttl } = store
  return {
    name: store.name,
    reach: store.reach,
    clock: store.clock,
    ...(ttl !== undefined && { ttl }),
    read: (id, renew) => store.read(id, renew),
    create: (id, text, ttl) => store.create(id, text, ttl),
    swap: (id, before, after, ttl) => store.swap(id, before, after, ttl),
    touch: (id, ttl, session) => store.touch(id, ttl, session),
    destroy: (id) => store.destroy(id),
    list: () => store.list(),
    count: () => store.count(),
    clear: () => store.clear(),
    check: () => store.check(),
    close: () => store.close(),
    ...(secondsLeft && { secondsLeft: (id: string) => secondsLeft.call(store, id) }),
    ...(byKey && { byKey }),
    ...(risks && { risks: () => risks.call(store) }),
    ...verbs,
  }
}
