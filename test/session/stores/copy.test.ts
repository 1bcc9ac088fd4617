import { describe, expect, it, onTestFinished } from 'vitest'
import type { SessionStore } from '../../../src/session/store.ts'
import { around } from '../../../src/session/stores/around.ts'
import { copySessions } from '../../../src/session/stores/copy.ts'
import { encrypted } from '../../../src/session/stores/encrypted.ts'
import { hashed, keyOf } from '../../../src/session/stores/hashed.ts'
import { createMemoryStore } from '../../../src/session/stores/memory.ts'

const lifeOf = () => 600
const textOf = (id: string) => `{"cookie":{},"userId":"${id}"}`

function openBoth() {
  const time = { now: 1_000_000 }
  const clock = () => time.now
  const [from, to] = [createMemoryStore({ clock }), createMemoryStore({ clock })]
  onTestFinished(async () => {
    await Promise.all([from.close(), to.close()])
  })
  return { from, to, time }
}

async function fill(store: SessionStore, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `id${n}`)
  for (const [n, id] of ids.entries()) await store.create(id, textOf(id), 100 + n)
  return ids
}

async function idsOf(store: SessionStore): Promise<string[]> {
  const ids: string[] = []
  for await (const id of store.list()) ids.push(id)
  return ids
}

describe('copying sessions', () => {
  it('moves all, each with what is left of its life', async () => {
    const { from, to, time } = openBoth()
    const ids = await fill(from, 1_500)
    const seen: number[] = []

    const counts = await copySessions({
      from,
      to,
      lifeOf,
      keep: false,
      progress: ({ moved }) => void seen.push(moved),
    })

    expect(counts).toEqual({ moved: 1_500, there: 0, gone: 0, unreadable: 0 })
    expect(seen.at(-1)).toBe(1_500)
    expect(await to.count()).toBe(1_500)
    expect(await to.read('id7')).toBe(textOf('id7'))
    expect(await to.secondsLeft?.('id7')).toBe(107)
    time.now += 31_000
    expect(await idsOf(from)).toEqual([])
    expect((await idsOf(to)).sort()).toEqual(ids.sort())
  })

  it('never overwrites what is there', async () => {
    const { from, to } = openBoth()
    await fill(from, 3)
    await to.create('id1', 'newer', 60)

    const counts = await copySessions({ from, to, lifeOf, keep: false })

    expect(counts).toMatchObject({ moved: 2, there: 1 })
    expect(await to.read('id1')).toBe('newer')
  })

  it('goes on where it was cut off, and brings nothing back that ended since', async () => {
    const { from, to } = openBoth()
    await fill(from, 500)
    let left = 200
    const failing = around(to, {
      create: async (...given) => {
        left -= 1
        if (left < 0) throw new Error('cut off')
        return to.create(...given)
      },
    })

    const first = copySessions({ from, to: failing, lifeOf, keep: false })
    await expect(first).rejects.toThrow('cut off')
    expect(await to.count()).toBe(200)
    const [ended = ''] = await idsOf(to)
    await to.destroy(ended)
    const counts = await copySessions({ from, to, lifeOf, keep: false })

    expect(counts).toMatchObject({ moved: 300, there: 199, gone: 1 })
    expect(await to.count()).toBe(499)
    expect(await to.read(ended)).toBeUndefined()
  })

  it('leaves the old store alone when it is asked to', async () => {
    const { from, to } = openBoth()
    await fill(from, 5)

    const counts = await copySessions({ from, to, lifeOf, keep: true })
    const again = await copySessions({ from, to, lifeOf, keep: true })

    expect([counts.moved, again.moved, again.there]).toEqual([5, 0, 5])
    expect(await from.read('id1')).toBe(textOf('id1'))
  })

  it('leaves what can’t be read where it is', async () => {
    const { from, to } = openBoth()
    await encrypted(from, ['a secret that is lost']).create('a', textOf('a'), 60)
    await from.create('b', 'no JSON', 60)

    const open = encrypted(from, ['another'])
    const counts = await copySessions({ from: open, to, lifeOf, keep: false })

    expect(counts).toMatchObject({ moved: 0, unreadable: 2 })
    expect([await from.count(), await to.count()]).toEqual([2, 0])
  })
})

describe('copying to hashed ids', () => {
  it('hashes plain ids, and takes hashes as they are', async () => {
    const { from, to } = openBoth()
    const { to: last } = openBoth()
    await fill(from, 3)
    const sealed = hashed(encrypted(to, ['a secret']))

    await copySessions({ from, to: sealed, lifeOf, keep: false })
    await copySessions({ from: sealed, to: hashed(last), lifeOf, keep: false })

    expect(await last.read(keyOf('id1'))).toBe(textOf('id1'))
    expect(await hashed(last).read('id2')).toBe(textOf('id2'))
  })

  it('within one place moves each session once', async () => {
    const { from: place } = openBoth()
    await fill(place, 50)

    await copySessions({ from: place, to: hashed(place), lifeOf, keep: false })
    const again = await copySessions({ from: place, to: hashed(place), lifeOf, keep: false })

    expect(again.moved).toBe(0)
    expect(await hashed(place).read('id7')).toBe(textOf('id7'))
    expect((await idsOf(place)).filter((id) => id.length === 64)).toHaveLength(50)
  })

  it('is no way back to plain ids', async () => {
    const { from, to } = openBoth()

    const copying = copySessions({ from: hashed(from), to, lifeOf, keep: false })

    await expect(copying).rejects.toMatchObject({ code: 'E_STORE_HASHED' })
  })
})
