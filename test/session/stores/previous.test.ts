import { describe, expect, it, onTestFinished } from 'vitest'
import type { SessionStore } from '../../../src/session/store.ts'
import { around } from '../../../src/session/stores/around.ts'
import { lifeBy } from '../../../src/session/stores/configured.ts'
import { encrypted } from '../../../src/session/stores/encrypted.ts'
import { hashed } from '../../../src/session/stores/hashed.ts'
import { createMemoryStore } from '../../../src/session/stores/memory.ts'
import { isNote } from '../../../src/session/stores/moving.ts'
import { withPrevious } from '../../../src/session/stores/previous.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'
import { createGround, loggedIn } from '../ground.ts'

storeContract('memory, with another before it', openContract, { describe, it })

async function openContract() {
  const { main, old, time } = openBoth()
  return {
    store: behind(main, old),
    advance(seconds: number) {
      time.now += seconds * 1000
    },
    close: async () => {},
  }
}

function openBoth() {
  const time = { now: Date.now() }
  const clock = () => time.now
  const [main, old] = [createMemoryStore({ clock }), createMemoryStore({ clock })]
  onTestFinished(async () => {
    await Promise.all([main.close(), old.close()])
  })
  return { main, old, time }
}

function behind(main: SessionStore, old: SessionStore, seconds = 1): SessionStore {
  return withPrevious(main, old, { seconds, lifeOf: lifeBy({ ttl: 600 }), warn() {} })
}

/** A store whose calls wait, each until it is let go. */
function gated(store: SessionStore, verb: 'create' | 'read' | 'swap') {
  const gates: (() => void)[] = []
  let closed = false
  const call = store[verb].bind(store) as (...given: unknown[]) => Promise<never>
  const wait = async (...given: unknown[]) => {
    if (closed) await new Promise<void>((resolve) => gates.push(resolve))
    return call(...given)
  }
  return {
    store: around(store, { [verb]: wait }),
    close: () => {
      closed = true
    },
    open: () => {
      closed = false
      for (const go of gates.splice(0)) go()
    },
    waiting: () => gates.length,
  }
}

const text = '{"cookie":{},"userId":"ada"}'

describe('a session in the previous store', () => {
  it('is moved by its first read, with what is left of its life', async () => {
    const { main, old, time } = openBoth()
    const store = behind(main, old)
    await old.create('a', text, 100)
    time.now += 60_000

    expect(await store.read('a')).toBe(text)

    expect(await main.read('a')).toBe(text)
    expect(await main.secondsLeft?.('a')).toBe(40)
    expect(isNote(await old.read('a'))).toBe(true)
    time.now += 31_000
    expect(await old.count()).toBe(0)
    expect(await store.read('a')).toBe(text)
    time.now += 10_000
    expect(await store.read('a')).toBeUndefined()
  })

  it('gets the life that a read renews', async () => {
    const { main, old } = openBoth()
    await old.create('a', text, 100)

    await behind(main, old).read('a', 500)

    expect(await main.secondsLeft?.('a')).toBe(500)
  })

  it('lives as its cookie says where the old store can’t tell', async () => {
    const { main, old } = openBoth()
    await old.create('a', text, 100)
    const { secondsLeft: _, ...mute } = old

    await behind(main, mute).read('a')

    expect(await main.secondsLeft?.('a')).toBe(600)
  })

  it('is moved once by twenty at a time, and all see it', async () => {
    const { main, old } = openBoth()
    const nodes = Array.from({ length: 20 }, () => behind(main, old))
    await old.create('a', text, 100)

    const seen = await Promise.all(nodes.map((node) => node.read('a')))

    expect(new Set(seen)).toEqual(new Set([text]))
  })

  it('comes along with what is changed in the old store while it is moved', async () => {
    const { main, old } = openBoth()
    const gate = gated(old, 'swap')
    await old.create('a', text, 100)
    gate.close()
    const reading = behind(main, gate.store).read('a')
    await expect.poll(gate.waiting).toBe(1)

    await old.swap('a', text, '{"cookie":{},"userId":"bob"}', 100)
    gate.open()

    expect(await reading).toContain('bob')
    expect(await main.read('a')).toContain('bob')
  })

  it('is never laid over what the store has', async () => {
    const { main, old } = openBoth()
    const store = behind(main, old)
    await old.create('a', text, 100)
    await store.read('a')
    await store.swap('a', text, '{"n":1}', 100)
    await old.destroy('a')
    await old.create('a', text, 100)

    expect(await store.read('a')).toBe('{"n":1}')
  })
})

describe('P5: a session that was ended', () => {
  it('does not come back from the previous store, wherever it was', async () => {
    const { main, old, time } = openBoth()
    const store = behind(main, old)
    for (const id of ['moved', 'unmoved']) await old.create(id, text, 1000)
    await store.read('moved')

    for (const id of ['moved', 'unmoved']) await store.destroy(id)

    for (const wait of [0, 29_000, 60_000]) {
      time.now += wait
      for (const id of ['moved', 'unmoved']) expect(await store.read(id)).toBeUndefined()
    }
    expect([await main.count(), await old.count()]).toEqual([0, 0])
  })

  it('is not brought back by a node that was about to move it', async () => {
    const { main, old, time } = openBoth()
    const gate = gated(main, 'create')
    await old.create('a', text, 1000)
    gate.close()
    const late = behind(gate.store, old).read('a')
    await expect.poll(gate.waiting).toBe(1)

    const store = behind(main, old)
    expect(await store.read('a')).toBe(text)
    await store.destroy('a')
    gate.open()

    expect(await late).toBeUndefined()
    expect(await store.read('a')).toBeUndefined()
    time.now += 60_000
    expect(await store.read('a')).toBeUndefined()
  })

  it('is not there even for the moment such a node takes to see that it has ended', async () => {
    const { main, old } = openBoth()
    const [creating, leaving] = [gated(main, 'create'), gated(old, 'swap')]
    await old.create('a', text, 1000)
    creating.close()
    const late = behind(creating.store, leaving.store).read('a')
    await expect.poll(creating.waiting).toBe(1)

    const store = behind(main, old)
    await store.destroy('a')
    leaving.close()
    creating.open()
    await new Promise(setImmediate)

    expect(await store.read('a')).toBeUndefined()
    leaving.open()
    expect(await late).toBeUndefined()
  })

  it('is not brought back by a node that had just created it', async () => {
    const { main, old } = openBoth()
    const gate = gated(old, 'swap')
    await old.create('a', text, 1000)
    gate.close()
    const late = behind(main, gate.store).read('a')
    await expect.poll(gate.waiting).toBe(1)

    const store = behind(main, old)
    await store.destroy('a')
    gate.open()

    expect(await late).toBeUndefined()
    expect(await store.read('a')).toBeUndefined()
  })

  it('stays ended for its late writers, and its id may begin anew', async () => {
    const { main, old } = openBoth()
    const store = behind(main, old)
    await old.create('a', text, 1000)
    await store.read('a')
    await store.destroy('a')

    expect(await store.swap('a', text, '{}', 100)).toEqual({ text: undefined })
    expect(await store.create('a', '{"n":1}', 100)).toBe(true)
    expect(await store.read('a')).toBe('{"n":1}')
  })

  it('is ended in both stores by clear', async () => {
    const { main, old } = openBoth()
    await old.create('a', text, 1000)
    await main.create('b', text, 1000)

    await behind(main, old).clear()

    expect([await main.count(), await old.count()]).toEqual([0, 0])
  })
})

describe('P10: an id that was rotated away', () => {
  const down = (old: SessionStore) =>
    around(old, { destroy: () => Promise.reject(new Error('away')) })

  it.each<[string, (old: SessionStore) => SessionStore, number?]>([
    ['is there again', (old) => old],
    ['is down', down],
    ['is down, however often its life would be renewed', down, 0],
  ])(
    'stays dead where its old record could not be marked, and the old store %s',
    async (_, later, touchAfter) => {
      const { main, old, time } = openBoth()
      const { browser } = await loggedIn(createGround({ store: old }))
      const mute = around(old, { swap: () => Promise.reject(new Error('away')) })
      const moving = createGround({ store: behind(main, mute) })
        .browser(browser.cookie)
        .open()
      await expect(moving).rejects.toMatchObject({ code: 'E_PREVIOUS_DOWN' })
      const ground = createGround({
        store: behind(main, later(old)),
        ...(touchAfter !== undefined && { touchAfter }),
      })
      const tab = ground.browser(browser.cookie)
      await tab.visit()

      await tab.visit((session) => session.rotate())

      expect(await tab.data()).toEqual({ userId: 'ada' })
      for (const wait of [0, 61_000, 400_000]) {
        time.now += wait
        expect(await ground.browser(browser.cookie).data()).toEqual({})
      }
    },
  )
})

describe('a session engine that changes its store', () => {
  it.each<[string, (bare: SessionStore) => SessionStore]>([
    ['another place', (bare) => bare],
    ['hashed ids', hashed],
    ['encrypted texts', (bare) => encrypted(bare, ['a secret'])],
    ['both', (bare) => hashed(encrypted(bare, ['a secret']))],
  ])('to %s logs nobody out, and loses no parallel change', async (_, wrap) => {
    const { main, old } = openBoth()
    const { browser } = await loggedIn(createGround({ store: old }))
    const ground = createGround({ store: behind(wrap(main), old) })
    const other = ground.node({ store: behind(wrap(main), old) })

    const tabs = await Promise.all(
      Array.from({ length: 10 }, (_none, n) =>
        (n % 2 ? ground : other).browser(browser.cookie).open(),
      ),
    )
    tabs.forEach(({ req }, n) => void Object.assign(req.session, { [`tab${n}`]: n }))
    await Promise.all(tabs.map(({ end }) => end()))

    const data = await ground.browser(browser.cookie).data()
    expect(Object.keys(data)).toHaveLength(11)
    expect(data).toMatchObject({ userId: 'ada', tab0: 0, tab9: 9 })
  })

  it('ends a session for good by a logout', async () => {
    const { main, old } = openBoth()
    const { browser } = await loggedIn(createGround({ store: old }))
    const ground = createGround({ store: behind(hashed(main), old) })
    const tab = ground.browser(browser.cookie)

    await tab.visit((session) => session.destroy())

    expect(await ground.browser(browser.cookie).data()).toEqual({})
    expect(await createGround({ store: old }).browser(browser.cookie).data()).toEqual({})
  })
})

describe('P12: while the previous store is down', () => {
  it.each<[string, () => Promise<never>]>([
    ['rejects', () => Promise.reject(new Error('away'))],
    ['hangs', () => new Promise(() => {})],
  ])('and %s, those in the store go on, unknown ids and logouts fail', async (_, fail) => {
    const { main, old } = openBoth()
    const broken = around(old, { name: 'slow', read: fail, swap: fail, destroy: fail })
    const store = behind(around(main, { name: 'fast' }), broken, 1)
    const ground = createGround({ store, storeTimeout: 1.5 })
    const here = await loggedIn(createGround({ store: main }))
    const elsewhere = await loggedIn(createGround({ store: old }))

    expect(await ground.browser(here.browser.cookie).data()).toEqual({ userId: 'ada' })
    const started = performance.now()
    const stranger = ground.browser(elsewhere.browser.cookie).open()
    await expect(stranger).rejects.toMatchObject({ code: 'E_PREVIOUS_DOWN', status: 503 })
    const logout = ground.browser(here.browser.cookie).visit((session) => session.destroy())
    await expect(logout).rejects.toMatchObject({ code: 'E_PREVIOUS_DOWN' })

    expect(performance.now() - started).toBeLessThan(2 * 1500 + 250)
    expect(await ground.browser(here.browser.cookie).data()).toEqual({ userId: 'ada' })
  })
})
