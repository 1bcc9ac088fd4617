import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  createMemoryStore,
  type MemoryStore,
  type MemoryStoreOptions,
} from '../../../src/session/stores/memory.ts'

const opened: MemoryStore[] = []
afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(opened.splice(0).map((store) => store.close()))
})

function open(options: Partial<MemoryStoreOptions> = {}) {
  const time = { now: 1_000_000 }
  const store = createMemoryStore({ clock: () => time.now, ...options })
  opened.push(store)
  return { store, time }
}

async function livingOf(store: MemoryStore): Promise<string[]> {
  const ids: string[] = []
  for await (const id of store.list()) ids.push(id)
  return ids
}

/** What one record of `{}` with an id of one letter counts for. */
async function sizeOfOne(): Promise<number> {
  const { store } = open()
  await store.create('x', '{}', 60)
  return store.usage().bytes
}

const hasNoUser = (text: string) => !text.includes('userId')

describe('expiry in memory', () => {
  it('is there to the millisecond', async () => {
    const { store, time } = open()
    await store.create('a', '{}', 5)
    await store.create('b', '{}', 6)

    time.now += 5_000

    expect(await livingOf(store)).toEqual(['b'])
    expect([await store.read('a'), await store.read('b')]).toEqual([undefined, '{}'])
  })

  it('frees what is due every second, without being read', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { store, time } = open()
    await store.create('short', '{}', 5)
    await store.create('long', '{}', 60)

    time.now += 4_000
    vi.advanceTimersByTime(1_000)
    const before = store.usage().records
    time.now += 1_000
    vi.advanceTimersByTime(1_000)

    expect([before, store.usage().records]).toEqual([2, 1])
    expect(await livingOf(store)).toEqual(['long'])
  })

  it.each([1_000, 100_000])('looks at what is due and at none of %i others', async (others) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const time = { now: 1_000_000 }
    // Whether a record is over, the store can tell by its clock alone.
    const clock = vi.fn(() => time.now)
    const { store } = open({ clock })
    for (let n = 0; n < others; n += 1) await store.create(`long${n}`, '{}', 600 + (n % 3_600))
    for (let n = 0; n < 10; n += 1) await store.create(`short${n}`, '{}', 5)

    time.now += 5_000
    clock.mockClear()
    vi.advanceTimersByTime(1_000)

    expect(store.usage().records).toBe(others)
    // One look at the clock for each of them, and one for the sweep.
    expect(clock).toHaveBeenCalledTimes(10 + 1)
  })

  it('looks again at a life that grew, and sooner at one that shrank', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { store, time } = open()
    await store.create('grew', '{}', 5)
    await store.create('shrank', '{}', 86_400)
    await store.touch('grew', 20)
    await store.swap('shrank', '{}', '[]', 10)

    const left = [6, 6, 10].map((seconds) => {
      time.now += seconds * 1000
      vi.advanceTimersByTime(1_000)
      return store.usage().records
    })

    expect(left).toEqual([2, 1, 0])
    expect(store.usage().bytes).toBe(0)
  })

  it('sweeps many in slices, and catches up after a leap of a month', async () => {
    const { store, time } = open()
    for (let n = 0; n < 5_000; n += 1) await store.create(`${n}`, '{}', 60 + (n % 7))
    await store.create('late', '{}', 6 * 3_600)
    await store.create('kept', '{}', 90 * 86_400)

    time.now += 30 * 86_400_000

    await vi.waitFor(() => expect(store.usage().records).toBe(1), 8_000)
    expect(await store.read('kept')).toBe('{}')
  })

  it('bears a clock that goes back', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { store, time } = open()
    time.now += 10_000
    vi.advanceTimersByTime(1_000)
    time.now -= 10_000
    await store.create('a', '{}', 2)

    time.now += 20_000
    vi.advanceTimersByTime(1_000)

    expect(store.usage().records).toBe(0)
  })
})

describe('the bound of the memory store', () => {
  it('drops the oldest when full, and warns once', async () => {
    const warnings: string[] = []
    const maxBytes = 3 * (await sizeOfOne())
    const { store } = open({ maxBytes, onWarn: (message) => warnings.push(message) })

    for (const id of ['a', 'b', 'c', 'd', 'e']) await store.create(id, '{}', 60)

    expect(await livingOf(store)).toEqual(['c', 'd', 'e'])
    expect(store.usage().bytes).toBe(maxBytes)
    expect(warnings).toEqual([expect.stringContaining('full')])
  })

  it('drops sessions without a user before those with one', async () => {
    const { store } = open({ maxBytes: 1_000, isUserless: hasNoUser })
    await store.create('ada', '{"userId":1}', 60)
    await store.create('bob', '{}', 60)
    await store.create('guest', '{}', 60)
    await store.swap('bob', '{}', '{"userId":2}', 60)
    await store.create('eve', '{"userId":3}', 60)

    await store.create('zoe', '{"userId":4}', 60)

    expect(await livingOf(store)).toEqual(['ada', 'bob', 'eve', 'zoe'])
  })

  it('never drops the record just written', async () => {
    const { store } = open({ maxBytes: 1_000, isUserless: hasNoUser })
    await store.create('grown', '{}', 60)
    await store.create('other', '{"userId":1}', 60)

    const result = await store.swap('grown', '{}', 'x'.repeat(1_000), 60)

    expect(result).toBe('done')
    expect(await livingOf(store)).toEqual(['grown'])
  })

  it('counts nothing for what is gone', async () => {
    const { store, time } = open({ isUserless: hasNoUser })
    await store.create('a', '{}', 60)
    await store.create('b', '{}', 5)
    await store.swap('a', '{}', '{"userId":"é"}', 60)
    time.now += 6_000

    await store.destroy('a')
    await store.read('b')

    expect(store.usage()).toEqual({ records: 0, bytes: 0 })
  })
})

describe('many sessions in memory', () => {
  it('leave nothing behind when they are removed, long before they would have ended', async () => {
    const { store } = open()
    setFlagsFromString('--expose-gc')
    const collect: () => void = runInNewContext('gc')
    const used = () => {
      collect()
      return process.memoryUsage().heapUsed
    }
    const cycle = async (name: string) => {
      const ids = Array.from({ length: 20_000 }, (_, n) => `${name}${n}`.padStart(40, 'x'))
      for (const id of ids) await store.create(id, '{}', 86_400)
      for (const id of ids) await store.touch(id, 43_200)
      await store.clear()
    }
    await cycle('first')

    const before = used()
    for (const name of ['second', 'third', 'fourth']) await cycle(name)

    expect((used() - before) / 60_000).toBeLessThan(20)
  })

  it('are listed without holding up the event loop', async () => {
    const { store } = open()
    for (let n = 0; n < 3_000; n += 1) await store.create(`${n}`, '{}', 60)
    let turns = 0
    const turn = () => {
      turns += 1
      next = setImmediate(turn)
    }
    let next = setImmediate(turn)

    for await (const _ of store.list());
    clearImmediate(next)

    expect(turns).toBeGreaterThan(0)
  })
})
