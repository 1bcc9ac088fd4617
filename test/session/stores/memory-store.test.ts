import { createRequire } from 'node:module'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { storeKey } from '../../../src/session/store.ts'
import { MemoryStore } from '../../../src/session/stores/memory-store.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'

const peer = createRequire(import.meta.url)('express-session')
const cookie = { originalMaxAge: null, expires: null, path: '/' }

storeContract(
  'MemoryStore’s own',
  async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const store = new MemoryStore()[storeKey]()
    return {
      store,
      advance: (seconds: number) => void vi.advanceTimersByTime(seconds * 1000),
      async close() {
        vi.useRealTimers()
        await store.close()
      },
    }
  },
  { describe, it },
)

describe('MemoryStore', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('gives what was set, all by their ids, and their number', async () => {
    const store = new MemoryStore()

    await store.set('a', { cookie, n: 1 })
    await store.set('a', { cookie, n: 2 })
    await store.set('b', { cookie })

    expect(await store.get('a')).toEqual({ cookie, n: 2 })
    expect(await store.get('c')).toBeUndefined()
    expect(Object.keys((await store.all()) as object)).toEqual(['a', 'b'])
    expect(await store.length()).toBe(2)
    await store.destroy('a')
    expect(await store.get('a')).toBeUndefined()
    await store.clear()
    expect(await store.length()).toBe(0)
  })

  it('keeps no more than maxBytes', async () => {
    const store = new MemoryStore({ maxBytes: 1_800 })
    onTestFinished(() => store[storeKey]().close())
    for (const id of ['first', 'second', 'third']) {
      store.set(id, { cookie: {}, text: 'x'.repeat(250) })
    }

    expect(Object.keys(store.sessions)).toEqual(['second', 'third'])
  })

  it('forgets a session when its cookie ends, to the millisecond, or after a day', async () => {
    const store = new MemoryStore()
    await store.set('short', { cookie: { ...cookie, expires: new Date(Date.now() + 5) } })
    await store.set('long', { cookie })
    await store.set('over', { cookie: { ...cookie, expires: new Date() } })

    vi.advanceTimersByTime(4)
    expect(Object.keys((await store.all()) as object)).toEqual(['short', 'long'])
    vi.advanceTimersByTime(1)
    expect(Object.keys((await store.all()) as object)).toEqual(['long'])
    vi.advanceTimersByTime(86_400_000)
    expect(await store.length()).toBe(0)
  })

  it('renews by touch the cookie alone, and brings nothing back', async () => {
    const store = new MemoryStore()
    const ends = (seconds: number) => ({
      ...cookie,
      expires: new Date(Date.now() + seconds * 1000),
    })
    await store.set('a', { cookie: ends(5), n: 1 })

    await store.touch('a', { cookie: ends(60), n: 2 })
    await store.touch('b', { cookie: ends(60) })
    vi.advanceTimersByTime(30_000)

    expect(await store.get('a')).toMatchObject({ n: 1 })
    expect(await store.length()).toBe(1)
  })

  it('shows its texts as an object that can be looked at, written and emptied', async () => {
    const store = new MemoryStore()
    const text = JSON.stringify({ cookie, n: 1 })

    store.sessions['a'] = text
    expect(await store.get('a')).toMatchObject({ n: 1 })
    expect([Object.entries(store.sessions), 'a' in store.sessions, 'b' in store.sessions]).toEqual([
      [['a', text]],
      true,
      false,
    ])
    expect(Object.hasOwn(store.sessions, 'b')).toBe(false)
    expect(Object.getOwnPropertyDescriptor(store.sessions, 'a')).toMatchObject({ writable: true })
    delete store.sessions['a']
    expect(await store.length()).toBe(0)
    store.sessions['a'] = text
    store.sessions = { b: text }
    expect(Object.keys(store.sessions)).toEqual(['b'])
    store.sessions['b'] = JSON.stringify({ cookie: { ...cookie, expires: new Date(0) } })
    expect(Object.keys(store.sessions)).toEqual([])
  })

  it('shares its sessions with the store at its heart', async () => {
    const store = new MemoryStore()

    await store[storeKey]().create('a', JSON.stringify({ cookie, n: 1 }), 60)

    expect(await store.get('a')).toMatchObject({ n: 1 })
  })

  it('tells what JSON can’t hold where its result would have gone', async () => {
    const store = new MemoryStore()

    await expect(store.set('a', { cookie, n: 1n })).rejects.toThrow(TypeError)
    const error = await new Promise((resolve) => store.set('a', { cookie, n: 1n }, resolve))
    expect(error).toBeInstanceOf(TypeError)
  })

  it('serves express-session', async () => {
    const store = new MemoryStore()
    const middleware = peer({ secret: 'cat', resave: false, saveUninitialized: false, store })

    expect(() => middleware({ headers: {}, url: '/' }, { writeHead() {} }, () => {})).not.toThrow()
    expect(store).toBeInstanceOf(peer.Store)
  })
})
