/**
 * What a store promises, one test per sentence; store-contract.ts runs them.
 */
import assert from 'node:assert/strict'
import { idsOf, type Test, ttl } from './store-ground.ts'
import { ending, surveying } from './store-upkeep.ts'

const gone = { text: undefined }
const oddIds = ['a:b', '../x', 'a b', '*', 'a?[b]', 'é€😀', '__proto__', 'constructor', '%2F', '0']
const oddTexts = ['{}', '', '{"e":"é€😀\\u0000\\n"}', `{"x":"${'y'.repeat(64 * 1024)}"}`]

const reading: Record<string, Test> = {
  async 'has a name and says how far its swap is exact'({ store }) {
    assert.match(store.name, /\S/)
    assert.ok(['process', 'machine', 'nodes'].includes(store.reach))
  },
  async 'reads what was created, and undefined for an id it does not know'({ store }) {
    await store.create('a', '{"n":1}', ttl)

    assert.equal(await store.read('a'), '{"n":1}')
    assert.equal(await store.read('b'), undefined)
  },
  async 'forgets a record when its life is over'({ store, advance }) {
    await store.create('a', '{}', 10)

    await advance(8)
    assert.equal(await store.read('a'), '{}')
    await advance(3)
    assert.equal(await store.read('a'), undefined)
  },
  async 'renews a life while reading, only when asked to'({ store, advance }) {
    await store.create('a', '{}', 10)
    await store.create('b', '{}', 10)

    assert.equal(await store.read('a', 60), '{}')
    await store.read('b')
    await advance(20)

    assert.equal(await store.read('a'), '{}')
    assert.equal(await store.read('b'), undefined)
  },
  async 'shortens a life while reading'({ store, advance }) {
    await store.create('a', '{}', ttl)

    await store.read('a', 5)
    await advance(6)

    assert.equal(await store.read('a'), undefined)
  },
  async 'does not create by reading with renewal'({ store }) {
    assert.equal(await store.read('a', 60), undefined)
    assert.equal(await store.count(), 0)
  },
}

const creating: Record<string, Test> = {
  async 'refuses to create what exists, and keeps it'({ store }) {
    assert.equal(await store.create('a', 'first', ttl), true)
    assert.equal(await store.create('a', 'second', ttl), false)

    assert.equal(await store.read('a'), 'first')
  },
  async 'creates once for fifty at a time'({ store }) {
    const tries = Array.from({ length: 50 }, (_, n) => store.create('a', `${n}`, ttl))
    const wins = (await Promise.all(tries)).flatMap((done, n) => (done ? [`${n}`] : []))

    assert.deepEqual([await store.read('a')], wins)
  },
  async 'creates again after the end of a life'({ store, advance }) {
    await store.create('a', 'first', 5)
    await advance(6)

    assert.equal(await store.create('a', 'second', ttl), true)
    assert.equal(await store.read('a'), 'second')
  },
  async 'keeps ids with odd characters apart'({ store }) {
    for (const id of oddIds) assert.equal(await store.create(id, `of ${id}`, ttl), true)

    for (const id of oddIds) assert.equal(await store.read(id), `of ${id}`)
    assert.deepEqual(await idsOf(store), [...oddIds].sort())
  },
  async 'gives texts back as they were: empty, with any character, 64 KB long'({ store }) {
    for (const [n, text] of oddTexts.entries()) {
      await store.create(`${n}`, text, ttl)
      assert.equal(await store.read(`${n}`), text)
      assert.equal(await store.swap(`${n}`, text, `${text} `, ttl), 'done')
      assert.equal(await store.read(`${n}`), `${text} `)
    }
  },
}

const swapping: Record<string, Test> = {
  async 'swaps when the text is what is stored'({ store }) {
    await store.create('a', 'one', ttl)

    assert.equal(await store.swap('a', 'one', 'two', ttl), 'done')
    assert.equal(await store.read('a'), 'two')
  },
  async 'answers with the text stored now when it is another one'({ store }) {
    await store.create('a', 'one', ttl)

    assert.deepEqual(await store.swap('a', 'zero', 'two', ttl), { text: 'one' })
    assert.equal(await store.read('a'), 'one')
  },
  async 'gives with a destroy what it has removed, if it gives anything'({ store }) {
    await store.create('a', 'one', ttl)

    const [removed, nothing] = [await store.destroy('a'), await store.destroy('a')]

    assert.ok(removed === undefined || removed === 'one')
    assert.equal(nothing, undefined)
  },
  async 'never creates by a swap'({ store, advance }) {
    await store.create('ended', 'one', 5)
    await store.create('destroyed', 'one', ttl)
    await store.destroy('destroyed')
    await advance(6)

    for (const id of ['ended', 'destroyed', 'unknown']) {
      assert.deepEqual(await store.swap(id, 'one', 'two', ttl), gone)
      assert.deepEqual(await store.swap(id, '', 'two', ttl), gone)
      assert.equal(await store.read(id), undefined)
    }
  },
  async 'reads and swaps at once as it does by and by, where it can at all'({ store }) {
    await store.create('a', 'one', ttl)

    assert.ok([undefined, null].includes(store.readNow?.('unknown') as undefined | null))
    assert.ok([undefined, null, 'one'].includes(store.readNow?.('a')))
    for (const id of ['a', 'unknown']) {
      assert.ok(!store.swapNow?.(id, 'zero', 'two', ttl))
      assert.notEqual(await store.read(id), 'two')
    }
    const swapped = store.swapNow?.('a', 'one', 'two', ttl) === true
    assert.equal(await store.read('a'), swapped ? 'two' : 'one')
  },
  async 'lets exactly one of fifty parallel swaps win'({ store }) {
    await store.create('a', 'base', ttl)
    const swap = (_: unknown, n: number) => store.swap('a', 'base', `${n}`, ttl)
    const results = await Promise.all(Array.from({ length: 50 }, swap))

    const stored = await store.read('a')
    assert.deepEqual(
      results.flatMap((result, n) => (result === 'done' ? [`${n}`] : [])),
      [stored],
    )
    for (const result of results) if (result !== 'done') assert.equal(result.text, stored)
  },
  async 'gives a swapped record its new life, and a refused one none'({ store, advance }) {
    await store.create('a', 'one', 10)
    await store.create('b', 'one', 10)

    await store.swap('a', 'one', 'two', 60)
    await store.swap('b', 'zero', 'two', 60)
    await advance(20)

    assert.equal(await store.read('a'), 'two')
    assert.equal(await store.read('b'), undefined)
  },
  async 'shortens a life by a swap'({ store, advance }) {
    await store.create('a', 'one', ttl)

    await store.swap('a', 'one', 'two', 5)
    await advance(6)

    assert.equal(await store.read('a'), undefined)
  },
}

/** Every promise, by its sentence. */
export const storePromises: Readonly<Record<string, Test>> = {
  ...reading,
  ...creating,
  ...swapping,
  ...ending,
  ...surveying,
}
