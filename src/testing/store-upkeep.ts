/**
 * What a store promises of its upkeep: renewing, ending, listing, clearing, closing.
 */
import assert from 'node:assert/strict'
import { fill, idsOf, type Test, ttl } from './store-ground.ts'

/** Renewing and destroying. */
export const ending: Record<string, Test> = {
  async 'renews a life by touch, and says whether there was one'({ store, advance }) {
    await store.create('a', '{}', 10)

    assert.equal(await store.touch('a', 60), true)
    assert.equal(await store.touch('b', 60), false)
    await advance(20)

    assert.equal(await store.read('a'), '{}')
    assert.equal(await store.read('b'), undefined)
    await advance(50)
    assert.equal(await store.touch('a', 60), false)
    assert.equal(await store.read('a'), undefined)
  },
  async 'shortens a life by touch'({ store, advance }) {
    await store.create('a', '{}', ttl)

    assert.equal(await store.touch('a', 5), true)
    await advance(6)

    assert.equal(await store.read('a'), undefined)
  },
  async 'tells the seconds a record still lives, where it can'({ store, advance }) {
    if (!store.secondsLeft) return
    await store.create('a', '{}', 100)
    await advance(2)

    const left = (await store.secondsLeft('a')) ?? 0
    assert.ok(left > 80 && left < 99, `${left} seconds of 98`)
    assert.equal(await store.secondsLeft('b'), undefined)
  },
  async 'destroys a record, and does not mind when there is none'({ store }) {
    await fill(store, ['a', 'b'])

    await store.destroy('a')
    await store.destroy('a')

    assert.equal(await store.read('a'), undefined)
    assert.equal(await store.read('b'), '{}')
  },
}

/** All sessions at once, and the store itself. */
export const surveying: Record<string, Test> = {
  async 'lists and counts the living, page by page'({ store, advance }) {
    const ids = Array.from({ length: 1_234 }, (_, n) => `s${n}`)
    await store.create('short', '{}', 5)
    await fill(store, ids)
    await advance(6)

    assert.deepEqual([...new Set(await idsOf(store))], ids.sort())
    assert.equal(await store.count(), ids.length)
  },
  async 'may be listed while it changes, and left early'({ store }) {
    await fill(store, ['a', 'b', 'c'])

    for await (const id of store.list()) await store.destroy(id)
    assert.equal(await store.count(), 0)

    await fill(store, ['a', 'b', 'c'])
    for await (const _ of store.list()) break
    assert.equal(await store.count(), 3)
  },
  async 'clears all of its own'({ store }) {
    await fill(store, ['a', 'b', 'c'])

    await store.clear()
    await store.clear()

    assert.equal(await store.count(), 0)
    assert.deepEqual(await idsOf(store), [])
    assert.equal(await store.create('a', '{}', ttl), true)
  },
  async 'leaves its neighbour alone'({ store, neighbour }) {
    if (!neighbour) return
    await fill(store, ['a'])
    await neighbour.create('b', 'kept', ttl)

    assert.equal(await store.read('b'), undefined)
    assert.deepEqual(await idsOf(store), ['a'])
    await store.clear()

    assert.equal(await neighbour.read('b'), 'kept')
    assert.equal(await neighbour.count(), 1)
  },
  async 'says that it answers, and closes twice'({ store }) {
    assert.equal(await store.check(), undefined)

    await store.close()
    await store.close()
  },
}
