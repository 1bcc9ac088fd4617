/**
 * What the outage tests of all stores ask: every verb, how long each takes, and when a store is back.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SessionStore } from '../../src/session/store.ts'
import { startWatch } from './stopwatch.ts'

/** **Seconds** that a verb may take in these tests. */
export const storeTimeout = 0.5
/** What a verb may take, in **milliseconds**: its deadline and a quarter of a second. */
export const bound = storeTimeout * 1000 + 250
/** Well below the deadline, also on a busy machine; in **milliseconds**. */
export const atOnce = 250
/** **Milliseconds** from the server's return until its store must answer. */
export const recovery = 2_000
/** What a store that does not answer says. */
export const down = { code: 'E_STORE_DOWN', status: 503 }

/** Every verb once, on one id. */
export const verbs: Readonly<Record<string, (store: SessionStore) => Promise<unknown>>> = {
  read: (store) => store.read('a'),
  renew: (store) => store.read('a', 60),
  create: (store) => store.create('b', '{}', 60),
  swap: (store) => store.swap('a', 'one', 'two', 60),
  touch: (store) => store.touch('a', 60),
  destroy: (store) => store.destroy('c'),
  list: async (store) => {
    for await (const _ of store.list());
  },
  count: (store) => store.count(),
  clear: (store) => store.clear(),
  check: (store) => store.check(),
}

/** What work has thrown, if anything, and how many **milliseconds** it took. */
export async function timed(work: Promise<unknown>) {
  const stop = startWatch()
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return { error, ms: stop() }
}

/** **Milliseconds** until the store answers. */
export async function untilUp(store: SessionStore): Promise<number> {
  const stop = startWatch()
  while ((await timed(store.check())).error !== undefined) await sleep(10)
  return stop()
}
