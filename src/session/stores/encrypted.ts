/**
 * Encrypted sessions: the store keeps sealed texts (sealing.ts). A record that was stored unencrypted, or
 * under an older secret, is still read, and sealed anew with its next change.
 */
import type { SessionStore, SwapResult } from '../store.ts'
import { around } from './around.ts'
import { createSealing } from './sealing.ts'

/** What a text that no secret opens reads as: no session, like any other that can't be read. */
const unreadable = ''

/** @param secrets - the first encrypts, all decrypt */
export function encrypted(
  store: SessionStore,
  secrets: readonly [string, ...string[]],
): SessionStore {
  const { seal, open } = createSealing(secrets)

  async function swap(id: string, before: string, after: string, ttl: number): Promise<SwapResult> {
    const sealed = seal(id, after)
    let kept = seal(id, before)
    for (;;) {
      const result = await store.swap(id, kept, sealed, ttl)
      if (result === 'done' || result.text === undefined) return result
      const text = open(id, result.text)
      if (text !== before || result.text === kept) return { text: text ?? unreadable }
      // It is the text we know, unencrypted still or under another secret.
      kept = result.text
    }
  }

  return around(store, {
    swap,
    async read(id, renew) {
      const stored = await store.read(id, renew)
      return stored === undefined ? undefined : (open(id, stored) ?? unreadable)
    },
    create: (id, text, ttl) => store.create(id, seal(id, text), ttl),
    async destroy(id) {
      const removed = await store.destroy(id)
      return typeof removed === 'string' ? open(id, removed) : removed
    },
    // The session itself is nothing for a store of others to see.
    touch: (id, ttl) => store.touch(id, ttl),
  })
}
