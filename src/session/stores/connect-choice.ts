/**
 * A Connect store under our engine, chosen anew at each call: what carries a store of ours swaps in it,
 * as long as nobody has put methods of their own in the place of its get, set, touch or destroy. Then those
 * are called, as they are of every other Connect store.
 */
import { type SessionStore, storeKey } from '../store.ts'
import { type ConnectOptions, connectStore } from './connect.ts'
import type { ConnectStore } from './connect-calls.ts'

export interface Choice {
  readonly store: SessionStore
  /** Whether its Connect methods are called now. */
  isPlain(): boolean
}

type Methods = ConnectStore & { readonly touch?: unknown }

type Carrier = Methods & {
  [storeKey](use: { storeTimeout?: number | undefined; warn(message: string): void }): SessionStore
}

export function chooseStore(
  given: ConnectStore,
  { warn, ...options }: ConnectOptions & { warn(message: string): void },
): Choice {
  if (!(storeKey in given)) return { store: connectStore(given, options), isPlain: () => true }
  const carrier = given as Carrier
  const own = carrier[storeKey]({ storeTimeout: options.storeTimeout, warn })
  const home = homeOf(carrier)
  // Asked several times by every request.
  const isPlain = () =>
    carrier.get !== home.get ||
    carrier.set !== home.set ||
    carrier.touch !== home.touch ||
    carrier.destroy !== home.destroy
  let wrapped: SessionStore | undefined

  function chosen(): SessionStore {
    if (!isPlain()) return own
    wrapped ??= connectStore(given, options)
    return wrapped
  }

  const store: SessionStore = {
    ...own,
    read: (id, renew) => chosen().read(id, renew),
    ...(own.readNow && {
      readNow: (id: string, renew?: number) => (isPlain() ? null : own.readNow?.(id, renew)),
    }),
    ...(own.swapNow && {
      swapNow: (id: string, before: string, after: string, ttl: number) =>
        !isPlain() && own.swapNow?.(id, before, after, ttl) === true,
    }),
    create: (id, text, ttl) => chosen().create(id, text, ttl),
    swap: (id, before, after, ttl) => chosen().swap(id, before, after, ttl),
    touch: (id, ttl, session) => chosen().touch(id, ttl, session),
    destroy: (id) => chosen().destroy(id),
  }
  return { store, isPlain }
}

/** Where `storeKey` comes from: the class whose methods and whose store see the same sessions. */
function homeOf(store: Methods): Methods {
  let home: Methods | null = store
  while (home && !Object.hasOwn(home, storeKey)) home = Object.getPrototypeOf(home)
  return home ?? store
}
