/**
 * A Connect store over a modeler collection. The collection can only overwrite: writes of one process take
 * turns, those of others are read again, and the last one counts. The adapter on it: modeler-open.ts.
 */

import { CatamaranError } from '../../errors.ts'
import { Store } from '../express-session.ts'
import type { Clock } from '../store.ts'
import { createTurns, type InTurn } from '../turns.ts'
import { answer, type Callback, type ConnectSession } from './connect-face.ts'
import {
  createModelerRows,
  type ModelerCollection,
  type ModelerRow,
  type ModelerRows,
  refuseOthers,
} from './modeler-collection.ts'
import { flatForm, type RowForm, readable, textForm } from './modeler-rows.ts'

export interface ModelerStoreOptions {
  /** Keep the data as fields of the row, as `sess` does, so that both read the same sessions. */
  flat?: boolean
  /**
   * Life in **seconds** of sessions whose cookie has no end: a day unless given. Flat rows live on without
   * it; with it, it counts from their last write.
   */
  ttl?: number
  /** **Seconds** that one call of the collection may take; 1.5 unless given. */
  storeTimeout?: number
  /** **Seconds** between sweeps of what has expired, which modeler never removes; none unless given. */
  sweepEvery?: number
  clock?: Clock
}

/** A Connect store over a modeler collection. */
export class ModelerStore extends Store {
  readonly #collection: ModelerCollection
  readonly #rows: ModelerRows
  readonly #form: RowForm
  readonly #clock: Clock
  readonly #inTurn: InTurn = createTurns()
  readonly #timer: NodeJS.Timeout | undefined

  /** @param adapt - changes how sessions stand in rows */
  constructor(
    collection: ModelerCollection,
    options: ModelerStoreOptions = {},
    adapt = (form: RowForm): RowForm => form,
  ) {
    super()
    const { flat = false, storeTimeout = 1.5, sweepEvery, clock = Date.now } = options
    const ttl = options.ttl ?? (flat ? undefined : 86_400)
    const life = { ttl, clock }
    this.#collection = collection
    this.#rows = createModelerRows(collection, storeTimeout)
    this.#form = adapt(flat ? flatForm(life) : textForm(life, flatForm(life)))
    this.#clock = clock
    if (sweepEvery) {
      // A sweep that fails is made up for by the next.
      const sweep = () => void this.#sweep().catch(() => {})
      this.#timer = setInterval(sweep, sweepEvery * 1000).unref()
    }
  }

  /** Gives the session's data; `null` when unknown or expired. */
  get(id: string, callback?: Callback<ConnectSession | null>) {
    return answer(this.#get(id), callback)
  }

  /** Stores the session as it is at this moment, whatever was there. */
  set(id: string, session: ConnectSession, callback?: Callback<void>) {
    return answer(this.#set(id, session), callback)
  }

  /** Renews the cookie of a session that is stored; another is left alone. */
  touch(id: string, session: ConnectSession, callback?: Callback<void>) {
    return answer(this.#touch(id, session), callback)
  }

  destroy(id: string, callback?: Callback<void>) {
    const work = isId(id) ? this.#inTurn(id, () => this.#rows.destroy(id)) : Promise.resolve()
    return answer(work, callback)
  }

  /** Gives all sessions that can be read, each with its `id`. */
  all(callback?: Callback<ConnectSession[]>) {
    return answer(
      this.#living().then((rows) => rows.flatMap((row) => readable(this.#form, row))),
      callback,
    )
  }

  ids(callback?: Callback<string[]>) {
    return answer(
      this.#living().then((rows) => rows.map(({ id }) => id)),
      callback,
    )
  }

  length(callback?: Callback<number>) {
    return answer(
      this.#living().then((rows) => rows.length),
      callback,
    )
  }

  clear(callback?: Callback<void>) {
    return answer(
      this.#remove(() => true).then(() => undefined),
      callback,
    )
  }

  /** Removes what has expired, and gives how many these were. */
  sweep(callback?: Callback<number>) {
    return answer(this.#sweep(), callback)
  }

  /** Ends the sweeps; the collection is its maker's to close. */
  close(callback?: Callback<void>) {
    clearInterval(this.#timer)
    return answer(Promise.resolve(), callback)
  }

  async #get(id: string): Promise<ConnectSession | null> {
    const row = isId(id) ? await this.#rows.load(id) : undefined
    return row && this.#isLiving(row) ? this.#form.sessionOf(row) : null
  }

  async #set(id: string, session: ConnectSession): Promise<void> {
    if (!isId(id)) throw new CatamaranError('E_SESSION_VALUE', [String(id), 'it is no session id'])
    const write = this.#form.writer(session)
    await this.#inTurn(id, () =>
      this.#rows.change(id, (row) => write(row ?? this.#collection.create({ id }))),
    )
  }

  async #touch(id: string, session: ConnectSession): Promise<void> {
    if (!isId(id)) return
    const renew = this.#form.renewer(session)
    const change = (row: ModelerRow | undefined) =>
      row && this.#isLiving(row) ? renew(row) : undefined
    await this.#inTurn(id, () => this.#rows.change(id, change))
  }

  #isLiving(row: ModelerRow): boolean {
    return !(this.#form.endOf(row) <= this.#clock())
  }

  async #living(): Promise<ModelerRow[]> {
    const living: ModelerRow[] = []
    for await (const rows of this.#rows.pages()) {
      living.push(...rows.filter((row) => this.#isLiving(row)))
    }
    return living
  }

  #sweep(): Promise<number> {
    return this.#remove((row) => !this.#isLiving(row))
  }

  /** Walks first: what is removed meanwhile would move the pages. */
  async #remove(isOver: (row: ModelerRow) => boolean): Promise<number> {
    const ids: string[] = []
    for await (const rows of this.#rows.pages()) {
      ids.push(...rows.filter(isOver).map(({ id }) => id))
    }
    for (const id of ids) await this.#inTurn(id, () => this.#removeIf(id, isOver))
    return ids.length
  }

  /** Somebody may have renewed it meanwhile. */
  async #removeIf(id: string, isOver: (row: ModelerRow) => boolean): Promise<void> {
    const row = await this.#rows.load(id)
    if (!row || isOver(row)) await this.#rows.destroy(id)
  }
}

/** What no back-end can keep a session under: `_idx` is where modeler-redis counts. */
function isId(id: unknown): id is string {
  return typeof id === 'string' && id !== '' && id !== '_idx'
}

/**
 * Makes a Connect store of a modeler collection, for any app on express-session or `session()`.
 *
 * @throws {CatamaranError} `E_STORE_OPTIONS` for what is no collection
 */
export function fromModeler(
  collection: ModelerCollection,
  options?: ModelerStoreOptions,
): ModelerStore {
  refuseOthers(collection)
  return new ModelerStore(collection, options)
}
