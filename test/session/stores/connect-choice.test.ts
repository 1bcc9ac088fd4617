import { describe, expect, it, vi } from 'vitest'
import { chooseStore } from '../../../src/session/stores/connect-choice.ts'
import { MemoryStore } from '../../../src/session/stores/memory-store.ts'
import { createOtherStore } from './connect-store.ts'

const text = '{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"},"n":1}'
const choose = (store: object) => chooseStore(store as never, { warn: console.warn })

describe('the store under the drop-in', () => {
  it('is the one at the heart of a store of ours, which swaps', async () => {
    const given = new MemoryStore()
    const set = vi.spyOn(MemoryStore.prototype, 'set')
    const { store, isPlain } = choose(given)

    await store.create('a', text, 60)
    const called = set.mock.calls.length
    set.mockRestore()

    expect([isPlain(), store.name, called]).toEqual([false, 'memory', 0])
    expect(given.sessions['a']).toBe(text)
  })

  it('is called through methods an app has put in their place, from that moment on', async () => {
    const given = new MemoryStore()
    const { store, isPlain } = choose(given)
    await store.create('a', text, 60)
    const { set } = given
    const replaced = vi.fn((...all: Parameters<typeof set>) => set.apply(given, all))
    given.set = replaced

    expect(isPlain()).toBe(true)
    expect(await store.swap('a', text, text.replace('1', '2'), 60)).toBe('done')

    expect(replaced).toHaveBeenCalledOnce()
    expect(given.sessions['a']).toContain('"n":2')
  })

  it('is called through the methods of a subclass', async () => {
    const saved: string[] = []
    class Watched extends MemoryStore {
      override set(id: string, ...rest: [object, (() => void)?]) {
        saved.push(id)
        return super.set(id, ...rest)
      }
    }

    await choose(new Watched()).store.create('a', text, 60)

    expect(saved).toEqual(['a'])
  })

  it('is a wrapped one for every other Connect store', async () => {
    const other = createOtherStore(Date.now)
    const { store, isPlain } = choose(other)

    await store.create('a', text, 60)

    expect([isPlain(), other.calls()]).toEqual([true, ['set']])
  })
})
