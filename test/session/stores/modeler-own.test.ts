/**
 * fromModeler over a back-end of one's own: modeler's real core on calls that come later, and a list that gives
 * rows, as those for LevelDB and MongoDB give them; with what such back-ends leave behind.
 */
import { createRequire } from 'node:module'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { sess } from '../../../src/compat/sess.ts'
import { fromModeler } from '../../../src/session/stores/modeler.ts'
import type { ModelerRow } from '../../../src/session/stores/modeler-collection.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'
import { count, startSess } from '../../compat/sess-ground.ts'
import { spaced, without } from '../../support/contract.ts'
import { behaves } from './modeler-behaves.ts'
import {
  type Collection,
  type Done,
  memoryCollection,
  openAdapter,
  rowOf,
  saveRow,
  sessionOf,
} from './modeler-ground.ts'

const modeler = createRequire(import.meta.url)('modeler')

interface OwnCollection {
  readonly collection: Collection
  readonly rows: Map<string, ModelerRow>
  /** What it lists, in order. */
  readonly listed: Set<string>
}

function ownCollection(options: object = {}): OwnCollection {
  const rows = new Map<string, ModelerRow>()
  const listed = new Set<string>()
  const read = (id: string) => structuredClone(rows.get(id) ?? null)
  const list = (backwards: boolean) => (offset: number, limit: number, done: Done<unknown>) => {
    const ids = backwards ? [...listed].toReversed() : [...listed]
    const page = ids.slice(offset, limit ? offset + limit : undefined)
    setImmediate(
      done,
      null,
      page.map((id) => read(id) ?? { id }),
    )
  }
  const collection: Collection = Object.assign(modeler.core(options), {
    _head: list(false),
    _tail: list(true),
    _load: (id: string, done: Done<unknown>) => setImmediate(done, null, read(id)),
    _save(row: ModelerRow, done: Done<unknown>) {
      rows.set(row.id, structuredClone(row))
      if (Number(row.rev) <= 1) listed.add(row.id)
      setImmediate(done, null)
    },
    _destroy(id: string, done: Done<unknown>) {
      rows.delete(id)
      listed.delete(id)
      setImmediate(done, null)
    },
  })
  return { collection, rows, listed }
}

storeContract(
  'modeler of one’s own',
  () => openAdapter(ownCollection().collection),
  without(spaced),
)

describe('fromModeler over a back-end of one’s own', () => {
  behaves(async () => ownCollection().collection)

  it('passes over what is listed and has no row', async () => {
    const { collection, rows } = ownCollection()
    const store = fromModeler(collection)
    for (const id of ['a', 'b', 'c']) await store.set(id, sessionOf({ id }))
    rows.delete('b')

    expect(await store.ids()).toEqual(['a', 'c'])
    expect(await store.length()).toBe(2)
    await store.clear()
    expect(await store.length()).toBe(0)
  })

  it('gives what has a row and is not listed, and removes it', async () => {
    const { collection, listed } = ownCollection()
    const store = fromModeler(collection)
    await store.set('a', sessionOf({ n: 1 }))
    listed.clear()

    expect(await store.get('a')).toMatchObject({ n: 1 })
    await store.destroy('a')
    expect(await store.get('a')).toBeNull()
  })

  it('keeps the sessions of sess', async () => {
    const { collection } = ownCollection()
    const { browser } = await startSess(count, sess({ sessions: collection }))
    const visitor = browser()

    expect([(await visitor()).body, (await visitor()).body]).toEqual(['1', '2'])
    const id = visitor.cookie.slice('sess='.length)
    expect(await fromModeler(collection).get(id)).toMatchObject({ views: 2 })
  })
})

describe('fromModeler', () => {
  it('ends its tries where another is always ahead', async () => {
    const collection = memoryCollection()
    const store = fromModeler(collection)
    await store.set('a', sessionOf({ n: 0 }))
    let tries = 0
    collection.save = (_row, done) => {
      tries += 1
      done(Object.assign(new Error('newer'), { code: 'REV_CONFLICT' }))
    }

    await expect(store.set('a', sessionOf({ n: 1 }))).rejects.toThrow('newer')
    expect(tries).toBe(50)
  })

  it('keeps what hooks have put beside a session', async () => {
    const create = (row: ModelerRow) => Object.assign(row, { owner: 'ada' })
    const collection = memoryCollection({ create })
    const store = fromModeler(collection)
    await store.set('a', sessionOf({ n: 1 }))
    await store.set('a', sessionOf({ n: 2 }))

    expect(await rowOf(collection, 'a')).toMatchObject({ owner: 'ada', rev: 2 })
    expect(await store.get('a')).toEqual(sessionOf({ n: 2 }))
  })

  it('gives what a `load` hook makes of a row', async () => {
    const load = (row: ModelerRow, done: Done<ModelerRow>) => {
      const session = JSON.stringify({ ...JSON.parse(String(row['session'])), seen: true })
      done(null, { ...row, session })
    }
    const store = fromModeler(memoryCollection({ load }))
    await store.set('a', sessionOf({ n: 1 }))

    expect(await store.get('a')).toMatchObject({ n: 1, seen: true })
  })

  it('stores over a row without a revision', async () => {
    const collection = memoryCollection()
    const store = fromModeler(collection)
    await saveRow(collection, { id: 'a', session: JSON.stringify(sessionOf({ n: 1 })) })

    await store.set('a', sessionOf({ n: 2 }))

    expect(await store.get('a')).toEqual(sessionOf({ n: 2 }))
  })

  it('sweeps by itself as often as told, until it is closed', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    let now = Date.now()
    const collection = memoryCollection()
    const store = fromModeler(collection, { sweepEvery: 60, clock: () => now })
    const isThere = async () => (await rowOf(collection, 'a')) !== null
    const pass = async () => {
      now += 60_000
      vi.advanceTimersByTime(60_000)
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
      return isThere()
    }
    await store.set('a', sessionOf({}, 90))

    expect([await pass(), await pass()]).toEqual([true, false])
    await store.set('a', sessionOf({}, 10))
    await store.close()
    expect(await pass()).toBe(true)
  })
})
