/**
 * The store used before, behind the one used now: a session not found is looked up there and moved, so that
 * changing stores, or beginning to hash ids, logs nobody out.
 */
import { CatamaranError } from '../../errors.ts'
import { createBudget } from '../budget.ts'
import { isMarkerText } from '../marker.ts'
import { parseRecord } from '../record.ts'
import type { SessionStore } from '../store.ts'
import { around } from './around.ts'
import { endForGood, isNote, move, noteLife, type Route, replaceNote } from './moving.ts'

export interface PreviousOptions extends Pick<Route, 'lifeOf'> {
  /** **Seconds** one request may wait for the previous store. */
  readonly seconds: number
  warn(message: string): void
}

/** What stood under an id that is rotated away, and the **seconds** its marker is to live. */
interface Marked {
  readonly before: string
  readonly ttl: number
}

/**
 * `main`, with `previous` behind it. Lists and counts know what is in `main`; `clear` ends all in both.
 * While `previous` is down, sessions of `main` go on; an unknown id and a logout fail with
 * `E_PREVIOUS_DOWN`, since nobody can tell whether that session is there.
 */
export function withPrevious(
  main: SessionStore,
  previous: SessionStore,
  { lifeOf, ...limits }: PreviousOptions,
): SessionStore {
  const old = guarded(previous, limits)
  const route: Route = { from: old, to: main, lifeOf }

  /**
   * An id that is rotated away must not be found in the old store once its marker is gone, should its move
   * have been cut off there. While nobody can see to that, the marker stands as long as a session may live.
   */
  async function lifeOfMarker(id: string, { before, ttl }: Marked): Promise<number> {
    try {
      await old.destroy(id)
      return ttl
    } catch {
      return Math.max(ttl, lifeOf(isMarkerText(before) ? undefined : parseRecord(before)))
    }
  }

  return around(main, {
    async read(id, renew) {
      const text = await main.read(id, renew)
      if (isNote(text)) {
        if (renew !== undefined) await main.touch(id, noteLife)
        return undefined
      }
      if (text !== undefined) return text
      const moved = await move(id, route)
      if (moved.text !== undefined && renew !== undefined) await main.touch(id, renew)
      return moved.text
    },
    async create(id, text, ttl) {
      // An app's own ids may come again.
      return (await main.create(id, text, ttl)) || replaceNote(main, id, [text, ttl])
    },
    async swap(id, before, after, ttl) {
      const life = isMarkerText(after) ? await lifeOfMarker(id, { before, ttl }) : ttl
      const result = await main.swap(id, before, after, life)
      return result !== 'done' && isNote(result.text) ? { text: undefined } : result
    },
    async destroy(id) {
      if ((await old.read(id)) === undefined) return main.destroy(id)
      await old.destroy(id)
      return endForGood(main, id)
    },
    async clear() {
      await Promise.all([previous.clear(), main.clear()])
    },
    async close() {
      await Promise.all([previous.close(), main.close()])
    },
  })
}

/** What a move asks of the old store, each within its time, and failing under a code of its own. */
function guarded(store: SessionStore, limits: Omit<PreviousOptions, 'lifeOf'>): SessionStore {
  const ask = createBudget(store, limits)
  const { secondsLeft } = store

  async function within<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await ask({ waited: 0 }, call)
    } catch (cause) {
      throw new CatamaranError('E_PREVIOUS_DOWN', [store.name], { cause })
    }
  }

  return around(store, {
    read: (id) => within(() => store.read(id)),
    swap: (...given) => within(() => store.swap(...given)),
    destroy: (id) => within(() => store.destroy(id)),
    ...(secondsLeft && { secondsLeft: (id: string) => within(() => secondsLeft.call(store, id)) }),
  })
}
