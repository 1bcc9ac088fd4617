/**
 * Hashed ids: the store keeps each session under the SHA-256 of its id, so that who reads the store, or a
 * copy of it, holds no id that opens a session.
 */
import { createHash } from '../../builtin.ts'
import type { SessionStore } from '../store.ts'
import { around } from './around.ts'

/** What a session is kept under: what `printf %s ID | sha256sum` prints. */
export function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('hex')
}

/** `store` by hashed ids; `list` gives the hashes, and `byKey` the store that knows them. */
export function hashed(store: SessionStore): SessionStore {
  const { secondsLeft } = store
  return around(store, {
    byKey: store,
    read: (id, renew) => store.read(keyOf(id), renew),
    create: (id, text, ttl) => store.create(keyOf(id), text, ttl),
    swap: (id, before, after, ttl) => store.swap(keyOf(id), before, after, ttl),
    touch: (id, ttl, session) => store.touch(keyOf(id), ttl, session),
    destroy: (id) => store.destroy(keyOf(id)),
    ...(secondsLeft && { secondsLeft: (id: string) => secondsLeft.call(store, keyOf(id)) }),
  })
}
