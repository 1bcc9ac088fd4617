/** Connect stores that others wrote, as stores of ours: the contract as far as they go, and their manners. */
import { createRequire } from 'node:module'
import { setTimeout as wait } from 'node:timers/promises'
import { Cookie } from 'express-session'
import { describe, expect, it, vi } from 'vitest'
import { connectStore } from '../../../src/session/stores/connect.ts'
import type { ConnectStore } from '../../../src/session/stores/connect-calls.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'
import { spaced, without } from '../../support/contract.ts'
import { createOtherStore } from './connect-store.ts'

const require = createRequire(import.meta.url)

function openOther(later?: (call: () => void) => void) {
  let now = Date.now()
  const clock = () => now
  const store = connectStore(createOtherStore(clock, later), { clock })
  return {
    store,
    advance(seconds: number) {
      now += seconds * 1000
    },
    close: () => store.close(),
  }
}

/** memorystore's own ids and length count sessions that have ended. */
const living = 'lists and counts the living, page by page'

storeContract('synchronous callback', async () => openOther(), without(spaced))
storeContract('late callback', async () => openOther(setImmediate), without(spaced))
storeContract(
  'memorystore',
  async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const MemoryStore = require('memorystore')(require('express-session'))
    const store = connectStore(new MemoryStore({}))
    return {
      store,
      advance: (seconds: number) => void vi.advanceTimersByTime(seconds * 1000),
      async close() {
        vi.useRealTimers()
        await store.close()
      },
    }
  },
  without(spaced, living),
)

const cookieText =
  '{"originalMaxAge":60000,"expires":"2030-01-01T00:00:00.000Z","httpOnly":true,"path":"/"}'
const recordText = `{"cookie":${cookieText},"n":1}`

/** A store of three methods, any of them replaced. */
function odd(methods: Partial<Record<'get' | 'set' | 'destroy' | 'touch', unknown>>): ConnectStore {
  return { get: () => {}, set: () => {}, destroy: () => {}, ...methods }
}

describe('a Connect store', () => {
  it('is handed sessions whose cookie is express-session’s own', async () => {
    const other = createOtherStore(Date.now)
    const store = connectStore(other)

    await store.create('a', recordText, 60)

    const { cookie } = other.last() ?? {}
    expect(other.last()).toMatchObject({ n: 1 })
    expect(cookie).toBeInstanceOf(Cookie)
    expect(cookie).toMatchObject({
      expires: new Date('2030-01-01'),
      originalMaxAge: 60_000,
      maxAge: expect.any(Number),
    })
  })

  it('is shown a life where the cookie has none, but keeps none of it in the text', async () => {
    const other = createOtherStore(() => 0)
    const store = connectStore(other, { clock: () => 0 })
    const text =
      '{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"},"n":1}'

    await store.create('a', text, 60)
    await store.touch('a', 90)

    expect(other.last()?.cookie.expires).toEqual(new Date(90_000))
    expect(await store.read('a')).toBe(text)
  })

  it('uses its own lives when asked to, as under express-session', async () => {
    const other = createOtherStore(() => 0)
    const store = connectStore(other, { ownLives: false })

    await store.create('a', '{"cookie":{"path":"/"}}', 60)

    expect(other.last()?.cookie.expires).toBeNull()
  })

  it('P5: is not asked for new ids, and asked again before a write', async () => {
    const other = createOtherStore(Date.now)
    const store = connectStore(other)

    await store.create('a', '{"n":1}', 60)
    expect(other.calls()).toEqual(['set'])

    await store.swap('a', '{"n":1}', '{"n":2}', 60)
    expect(other.calls()).toEqual(['get', 'set'])
  })

  it('P5: does not bring back by a late touch what was destroyed', async () => {
    const touch = vi.fn((_id, _session, callback) => callback())
    const store = connectStore(odd({ touch, destroy: async () => {} }))

    await store.destroy('a')

    expect(await store.touch('a', 60, { cookie: { originalMaxAge: 1 } })).toBe(false)
    expect(touch).not.toHaveBeenCalled()
  })

  it.each(['{}', '', '[1]', 'one', '"text"', '{"e":"é€😀\\u0000\\n"}'])(
    'keeps %j',
    async (text) => {
      const store = connectStore(createOtherStore(Date.now))

      await store.create('a', text, 60)

      expect(await store.read('a')).toBe(text)
    },
  )

  it('takes a renewal by another for no change', async () => {
    const other = createOtherStore(Date.now)
    const store = connectStore(other)
    await store.create('a', recordText, 60)

    const older = recordText.replace('2030', '2029')

    expect(await store.swap('a', older, '{"cookie":{"path":"/"},"n":2}', 60)).toBe('done')
  })

  it('takes other data beside a renewal for a change', async () => {
    const store = connectStore(createOtherStore(Date.now))
    await store.create('a', recordText, 60)

    const older = recordText.replace('2030', '2029').replace('"n":1', '"n":0')

    expect(await store.swap('a', older, recordText, 60)).toMatchObject({
      text: expect.stringContaining('"n":1'),
    })
  })

  it('is shown by a renewal the end of a life where the cookie has none', async () => {
    const other = createOtherStore(Date.now)
    const store = connectStore(other, { clock: () => Date.parse('2031-01-01') })
    await store.create('a', '{}', 60)

    await store.touch('a', 60, { cookie: new Cookie() })
    const endless = other.last()?.cookie.expires
    const session = { cookie: new Cookie({ maxAge: 60_000 }) }
    await store.touch('a', 60, session)

    expect(endless).toEqual(new Date('2031-01-01T00:01:00Z'))
    expect(other.last()).toBe(session)
  })

  it('renews a session that was made anew under an id that had been destroyed', async () => {
    const store = connectStore(createOtherStore(Date.now))
    await store.create('a', recordText, 60)
    await store.destroy('a')

    await store.create('a', recordText, 60)

    expect(await store.touch('a', 60)).toBe(true)
  })

  it.each<[string, (store: ConnectStore) => ConnectStore]>([
    ['frozen', (store) => Object.freeze(store)],
    [
      'a proxy with a method of any name',
      (store) => new Proxy(store, { get: (own, name) => Reflect.get(own, name) ?? (() => {}) }),
    ],
  ])('may be %s', async (_, made) => {
    const store = connectStore(made(createOtherStore(Date.now)))

    await store.create('a', recordText, 60)

    expect(await store.swap('a', recordText, recordText.replace('1}', '2}'), 60)).toBe('done')
  })

  it('is named after its class, and checked by asking it', async () => {
    class Own {
      get = (_: string, done: (error: Error) => void) => done(new Error('gone'))
      set() {}
      destroy() {}
    }
    const store = connectStore(new Own())

    expect(store.name).toBe('Own')
    await expect(store.check?.()).rejects.toThrow('gone')
  })

  it('may give promises, and an early one with nothing in it is no answer', async () => {
    const promising = connectStore(odd({ get: async () => ({ n: 1 }) }))
    const early = connectStore(
      odd({
        async get(_id: string, callback: (error: null, value: object) => void) {
          setTimeout(callback, 10, null, { n: 2 })
        },
      }),
    )

    expect(await promising.read('a')).toBe('{"n":1}')
    expect(await early.read('a')).toBe('{"n":2}')
  })

  it.each([
    ['calls back with an error', (_: string, done: (error: Error) => void) => done(new Error('x'))],
    ['rejects', async () => Promise.reject(new Error('x'))],
    [
      'throws',
      () => {
        throw new Error('x')
      },
    ],
  ])('hands on what it says when it %s', async (_, get) => {
    await expect(connectStore(odd({ get })).read('a')).rejects.toThrow('x')
  })

  it('knows no session when it says ENOENT', async () => {
    const error = Object.assign(new Error('no file'), { code: 'ENOENT' })
    const store = connectStore(odd({ get: async () => Promise.reject(error) }))

    expect(await store.read('a')).toBeUndefined()
  })

  it('P12: that never calls back is down after its time, and the next in turn gets its own', async () => {
    const store = connectStore(odd({}), { name: 'silent', storeTimeout: 0.05 })

    await expect(store.read('a')).rejects.toMatchObject({ code: 'E_STORE_DOWN' })
    const both = [store.create('a', '{}', 60), store.create('a', '{}', 60)]
    for (const tried of both) await expect(tried).rejects.toMatchObject({ code: 'E_STORE_DOWN' })
  })

  it('without touch is renewed by writing again, where lives are ours', async () => {
    const other = createOtherStore(Date.now)
    const { touch: _, ...plain } = other
    const store = connectStore(plain)
    await store.create('a', '{"n":1}', 60)
    other.calls()

    expect(await store.touch('a', 60)).toBe(true)
    expect(other.calls()).toEqual(['get', 'set'])
  })

  it('without touch is not asked where lives are its own and nothing changed', async () => {
    const other = createOtherStore(Date.now)
    const { touch: _, ...plain } = other
    const store = connectStore(plain, { ownLives: false })

    expect(await store.touch('a', 60, {})).toBe(true)
    expect(other.calls()).toEqual([])
  })

  it('says clearly what it cannot do', async () => {
    const store = connectStore(odd({}), { name: 'three methods' })

    await expect(store.count()).rejects.toMatchObject({ code: 'E_STORE_CANNOT' })
    await expect(store.clear()).rejects.toThrow('neither ids() nor all()')
    const list = async () => {
      for await (const _ of store.list());
    }
    await expect(list()).rejects.toThrow('three methods session store cannot list')
  })

  it('lists by ids(), by the keys of all(), or by the ids in what all() gives', async () => {
    const listed = async (methods: object) => {
      const ids: string[] = []
      for await (const id of connectStore({ ...odd({}), ...methods }).list()) ids.push(id)
      return ids
    }

    expect(await listed({ ids: async () => ['a'] })).toEqual(['a'])
    expect(await listed({ all: async () => ({ b: {} }) })).toEqual(['b'])
    expect(await listed({ all: async () => [{ id: 'c' }] })).toEqual(['c'])
    await expect(listed({ all: async () => [{ user: 1 }] })).rejects.toThrow('no ids')
  })

  it('keeps connect-mongo’s own note out of the data', async () => {
    const stored = { n: 1, lastModified: new Date() }
    const store = connectStore(odd({ get: async () => stored }))

    expect(await store.read('a')).toBe('{"n":1}')
  })

  it('leaves no timer behind', async () => {
    const store = connectStore(createOtherStore(Date.now))
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

    await store.create('a', '{}', 60)
    await wait(1)

    const after = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    expect(after).toBeLessThanOrEqual(before)
  })
})
