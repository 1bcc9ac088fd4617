/**
 * `catamaran sessions list`, `count` and `clear`.
 */
import { shortHash } from '../session/published.ts'
import type { SessionStore } from '../session/store.ts'
import type { SessionsContext } from './sessions-options.ts'
import { openNamed, storeOfWord } from './sessions-store.ts'
import { columns } from './table.ts'

/** Prints each session by the short hash of its id, and the seconds it still lives. */
export function list(context: SessionsContext): Promise<number> {
  const { options, terminal } = context
  return withStore(context, async (store) => {
    const byKey = store.byKey ?? store
    for await (const id of store.list()) {
      const left = await byKey.secondsLeft?.(id)
      const session = store.byKey ? shortKey(id) : shortHash(id)
      const seconds = left === undefined || !Number.isFinite(left) ? null : Math.round(left)
      if (options.json) terminal.print(JSON.stringify({ session, seconds }))
      else terminal.print(columns([[session, seconds === null ? '' : `${seconds} s`]]).join(''))
    }
  })
}

/** Prints how many sessions there are. */
export function count(context: SessionsContext): Promise<number> {
  const { options, terminal } = context
  return withStore(context, async (store) => {
    const sessions = await store.count()
    terminal.print(options.json ? JSON.stringify({ sessions }) : String(sessions))
  })
}

/** Ends all sessions, and their sockets where the app's nodes can be told; nobody asks twice, so it wants `--yes`. */
export async function clear(context: SessionsContext): Promise<number> {
  const { options, terminal } = context
  if (!options.yes) {
    terminal.warn('This logs everybody out: say `catamaran sessions clear --yes`.')
    return 2
  }
  return withStore(context, async (store) => {
    const sessions = await store.count()
    await store.clear()
    if (storeOfWord(options.in, context.session) === context.session) {
      const { tellCleared } = await import('../sockets/beside.ts')
      await tellCleared(context, terminal.warn)
    }
    terminal.print(options.json ? JSON.stringify({ ended: sessions }) : `${sessions} ended.`)
  })
}

async function withStore(
  context: SessionsContext,
  work: (store: SessionStore) => Promise<void>,
): Promise<number> {
  const store = await openNamed(context.options.in, context)
  try {
    await work(store)
    return 0
  } finally {
    await store.close()
  }
}

/** The short hash of an id whose SHA-256 is all that is known. */
function shortKey(key: string): string {
  return Buffer.from(key, 'hex').toString('base64url').slice(0, 8)
}
