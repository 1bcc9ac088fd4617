/**
 * The adapter over a modeler collection: `adapter: { modeler: collection }` in `config/session`.
 */
import { CatamaranError } from '../../errors.ts'
import type { Clock, SessionStore } from '../store.ts'
import { connectStore } from './connect.ts'
import { outageOf } from './connect-open.ts'
import { carried } from './connect-records.ts'
import { ModelerStore, type ModelerStoreOptions } from './modeler.ts'
import { clientFault, type ModelerCollection, refuseOthers } from './modeler-collection.ts'
import type { RowForm } from './modeler-rows.ts'

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
  refuseOthers(collection)
  const store = new ModelerStore(
    collection,
    { sweepEvery: 3600, storeTimeout, clock, ...options },
    withUnreadable,
  )
  warn('sessions are kept by modeler: exact within one process, not among several')
  return connectStore(store, {
    name: 'modeler',
    clock,
    storeTimeout,
    errorOf: outageOf('modeler'),
    close: async () => void store.close(),
  })
}

/** A text that is no JSON goes to the engine as it is, which sets it aside and lets the visitor in. */
function withUnreadable(form: RowForm): RowForm {
  return {
    ...form,
    sessionOf(row) {
      try {
        return form.sessionOf(row)
      } catch {
        return carried(String(row['session']))
      }
    },
  }
}
