/**
 * Looks at all sessions that sockets stand on: other nodes may have ended some unheard, and a test may have
 * moved the clock. Tells nobody itself.
 */
import type { Expiry, Watch } from './expiry.ts'

export interface CheckOptions {
  /** What else there is to ask about each session. */
  readonly also?: ((id: string) => unknown) | undefined
  /** Told of those that are gone, where they did not end by their time. */
  readonly over?: ((id: string) => void) | undefined
}

/** How many sessions are asked about at a time. */
const atATime = 20

/** Asks the store about all of them, a few at a time. */
export async function checkAll(
  watches: ReadonlyMap<string, Watch>,
  expiry: Expiry,
  { also, over }: CheckOptions,
): Promise<void> {
  const ids = [...watches.keys()]
  while (ids.length > 0) {
    const some = ids.splice(-atATime).map((id) => [id, watches.get(id)] as const)
    // Of a newcomer's session the store knows nothing yet.
    await Promise.all(some.map(([id, watch]) => watch?.timer && expiry.check(id, watch, over)))
    if (also) await Promise.all(some.map(([id]) => also(id)))
  }
}

/** Does what is due by now. */
export async function lookAtAll(
  watches: ReadonlyMap<string, Watch>,
  expiry: Expiry,
): Promise<void> {
  const waiting = [...watches].filter(([, watch]) => watch.timer)
  await Promise.all(waiting.map(([id, watch]) => expiry.look(id, watch)))
}
