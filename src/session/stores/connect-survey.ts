/**
 * All sessions of a Connect store at once, as far as it lets anyone see them: Connect asks for none of it.
 */
import { CatamaranError } from '../../errors.ts'
import type { SessionStore } from '../store.ts'
import { type Call, type ConnectStore, has } from './connect-calls.ts'

/** The verbs that walk over everything; each says clearly when the store has nothing for it. */
export function createSurvey(
  store: ConnectStore,
  { name, call }: { name: string; call: Call },
): Pick<SessionStore, 'list' | 'count' | 'clear'> {
  async function ids(): Promise<string[]> {
    if (has(store, 'ids')) return (await call('ids')) as string[]
    if (!has(store, 'all')) throw cannot('list its sessions', 'neither ids() nor all()')
    const all = ((await call('all')) ?? {}) as object
    if (!Array.isArray(all)) return Object.keys(all)
    const named = all.map((session: { id?: unknown }) => session?.id)
    if (named.every((id) => typeof id === 'string')) return named
    throw cannot('list its sessions', 'no ids in what all() gives')
  }

  function cannot(what: string, lacking: string): CatamaranError {
    return new CatamaranError('E_STORE_CANNOT', [name, what, lacking])
  }

  return {
    async *list() {
      yield* await ids()
    },
    async count() {
      return has(store, 'length') ? Number(await call('length')) : (await ids()).length
    },
    async clear() {
      if (has(store, 'clear')) await call('clear')
      else for (const id of await ids()) await call('destroy', id)
    },
  }
}
