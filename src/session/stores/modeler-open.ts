/**
 * The adapter over a modeler collection: `adapter: { modeler: collection }` in `config/session`.
 */
import { CatamaranError } from '../../errors.ts'
import type { Clock, SessionStore } from '../store.ts'
import { connectStore } from './connect.ts'
import { outageOf } from './connect-open.ts'
import { fromModeler, type ModelerStoreOptions } from './modeler.ts'
import { clientFault, type ModelerCollection } from './modeler-collection.ts'

/** The options of `fromModeler` stand beside the collection. */
export type ModelerAdapter = ModelerStoreOptions & { readonly modeler: ModelerCollection }

/** Opens the adapter: what has expired is swept once an hour. */
export function openModelerStore(
  { modeler: collection, ...options }: ModelerAdapter,
  context: { clock: Clock; storeTimeout?: number | undefined; warn(message: string): void },
): SessionStore {
  const { clock, storeTimeout = 1.5, warn } = context
  const fault = clientFault(collection)
  if (fault) throw new CatamaranError('E_STORE_OPTIONS', ['modeler', fault])
  const store = fromModeler(collection, { sweepEvery: 3600, storeTimeout, clock, ...options })
  warn('sessions are kept by modeler: exact within one process, not among several')
  return connectStore(store, {
    name: 'modeler',
    clock,
    storeTimeout,
    errorOf: outageOf('modeler'),
    close: async () => void store.close(),
  })
}
