import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { SessionStore } from '../../../src/session/store.ts'
import { around } from '../../../src/session/stores/around.ts'
import { encrypted } from '../../../src/session/stores/encrypted.ts'
import { hashed } from '../../../src/session/stores/hashed.ts'
import { createMemoryStore } from '../../../src/session/stores/memory.ts'
import { createSealing } from '../../../src/session/stores/sealing.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'
import { createGround, loggedIn } from '../ground.ts'

const secret = 'a secret of thirty-two characters'
const older = 'the secret that signed before this'
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

type Wrap = (store: SessionStore) => SessionStore
const wraps: Readonly<Record<string, Wrap>> = {
  'memory, encrypted': (store) => encrypted(store, [secret, older]),
  'memory, hashed': (store) => named(hashed(store)),
  'memory, hashed and encrypted': (store) => named(hashed(encrypted(store, [secret]))),
}
for (const [name, wrap] of Object.entries(wraps)) {
  storeContract(name, () => openMemory(wrap), { describe, it })
}

async function openMemory(wrap: Wrap) {
  let now = 1_000_000
  const clock = () => now
  const bare = createMemoryStore({ clock })
  const neighbour = createMemoryStore({ clock })
  return {
    store: wrap(bare),
    neighbour: wrap(neighbour),
    advance(seconds: number) {
      now += seconds * 1000
    },
    async close() {
      await Promise.all([bare.close(), neighbour.close()])
    },
  }
}

/** Lists ids where the store knows only hashes, for the contract. */
function named(store: SessionStore): SessionStore {
  const ids = new Map<string, string>()
  return around(store, {
    create(id, text, ttl) {
      ids.set(sha256(id), id)
      return store.create(id, text, ttl)
    },
    async *list() {
      for await (const key of store.list()) yield ids.get(key) ?? key
    },
  })
}

function openBare() {
  const bare = createMemoryStore({ clock: Date.now })
  onTestFinished(() => bare.close())
  return bare
}

/** What a visitor does to change a session. */
const dark = (session: object) => void Object.assign(session, { theme: 'dark' })

async function textsOf(store: SessionStore): Promise<string[]> {
  const texts: string[] = []
  for await (const id of store.list()) texts.push((await store.read(id)) ?? '')
  return texts
}

describe('P15: with hashIds', () => {
  it('the store holds the SHA-256 of an id, never the id', async () => {
    const bare = openBare()
    const ground = createGround({ store: hashed(bare) })
    const { browser, id } = await loggedIn(ground)

    expect(await bare.read(sha256(id))).toContain('"userId":"ada"')
    expect(await bare.read(id)).toBeUndefined()
    expect(await browser.data()).toEqual({ userId: 'ada' })
    await browser.visit((session) => session.destroy())
    expect(await bare.count()).toBe(0)
  })

  it('what is listed opens no session, but byKey reads it', async () => {
    const store = hashed(openBare())
    await store.create('a', 'text', 60)

    for await (const key of store.list()) {
      expect(key).toBe(sha256('a'))
      expect(await store.read(key)).toBeUndefined()
      expect(await store.byKey?.read(key)).toBe('text')
    }
  })
})

describe('P15: with encrypt', () => {
  it('the store holds nothing that can be read, and parallel changes of two nodes all survive', async () => {
    const bare = openBare()
    const ground = createGround({ store: encrypted(bare, [secret]) })
    const other = ground.node({ store: encrypted(bare, [secret]) })
    const { browser } = await loggedIn(ground)

    const tabs = await Promise.all(
      Array.from({ length: 10 }, (_, n) => (n % 2 ? ground : other).browser(browser.cookie).open()),
    )
    tabs.forEach(({ req }, n) => void Object.assign(req.session, { [`tab${n}`]: n }))
    await Promise.all(tabs.map(({ end }) => end()))
    const bumps = Array.from({ length: 10 }, (_, n) =>
      (n % 2 ? ground : other).browser(browser.cookie).visit((session) =>
        session.update((data) => {
          data.views = (data.views ?? 0) + 1
        }),
      ),
    )
    await Promise.all(bumps)

    const data = await browser.data()
    expect(data).toMatchObject({ userId: 'ada', tab0: 0, tab9: 9, views: 10 })
    expect(await textsOf(bare)).toEqual([expect.stringMatching(/^\{"encrypted":"1\.[\w-]+"\}$/)])
  })

  it('a record stored unencrypted is read, and encrypted by its next change', async () => {
    const bare = openBare()
    const { browser } = await loggedIn(createGround({ store: bare }))
    const after = createGround({ store: encrypted(bare, [secret]) }).browser(browser.cookie)

    expect(await after.data()).toEqual({ userId: 'ada' })
    expect(await textsOf(bare)).toEqual([expect.stringContaining('ada')])
    await after.visit(dark)

    expect(await textsOf(bare)).toEqual([expect.stringContaining('{"encrypted":')])
    expect(await after.data()).toEqual({ userId: 'ada', theme: 'dark' })
  })

  it('the first of several secrets encrypts, all decrypt', async () => {
    const bare = openBare()
    const { browser } = await loggedIn(createGround({ store: encrypted(bare, [older]) }))
    const ground = createGround({ store: encrypted(bare, [secret, older]) })

    await ground.browser(browser.cookie).visit(dark)

    const later = createGround({ store: encrypted(bare, [secret]) })
    expect(await later.browser(browser.cookie).data()).toEqual({ userId: 'ada', theme: 'dark' })
  })

  it('P13: a record no secret opens is told of once, and its visitor starts anew', async () => {
    const bare = openBare()
    const { browser, id } = await loggedIn(createGround({ store: encrypted(bare, [older]) }))
    const ground = createGround({ store: encrypted(bare, [secret]) })

    expect(await ground.browser(browser.cookie).data()).toEqual({})
    expect(await ground.browser(browser.cookie).data()).toEqual({})

    expect(ground.told.unreadable).toEqual([id])
  })

  it('a record laid under another id does not open there', async () => {
    const bare = openBare()
    const ground = createGround({ store: encrypted(bare, [secret]) })
    const ada = await loggedIn(ground)
    const bob = await loggedIn(ground, { userId: 'bob' })

    await bare.destroy(bob.id)
    await bare.create(bob.id, (await bare.read(ada.id)) ?? '', 60)

    expect(await bob.browser.data()).toEqual({})
    expect(ground.told.unreadable).toEqual([bob.id])
  })
})

describe('P15: a rotation', () => {
  it.each<[string, Wrap]>([
    ['encrypted', (bare) => encrypted(bare, [secret])],
    ['hashed and encrypted', (bare) => hashed(encrypted(bare, [secret]))],
  ])(
    'leaves no id in a store that is %s, and a logout at the same moment ends both',
    async (_, wrap) => {
      const bare = openBare()
      const ground = createGround({ store: wrap(bare) })
      const { browser } = await loggedIn(ground)
      const tabs = [ground.browser(browser.cookie), ground.browser(browser.cookie)] as const
      const [first, second] = await Promise.all(tabs.map((tab) => tab.open()))

      await first?.req.session.rotate()
      await first?.end()
      const rotated = tabs[0].cookie
      expect(await ground.browser(rotated).data()).toEqual({ userId: 'ada' })
      await second?.req.session.destroy()
      await second?.end()

      expect(await ground.browser(rotated).data()).toEqual({})
    },
  )
})

describe('a sealed text', () => {
  const { seal, open } = createSealing([secret, older])

  it('opens under its id to what it was, whatever that is', () => {
    const property = fc.property(fc.string(), fc.string({ unit: 'binary' }), (id, text) => {
      expect(open(id, seal(id, text))).toBe(Buffer.from(text).toString())
    })

    fc.assert(property, { numRuns: 200 })
  })

  it('opens nowhere when one character of it is changed', () => {
    const sealed = seal('a', '{"cookie":{},"userId":"ada"}')
    const start = sealed.indexOf('1.') + 2

    // The last character holds padding bits too; all others count whole.
    for (let at = start; at < sealed.length - 3; at += 1) {
      const other = sealed[at] === 'A' ? 'B' : 'A'
      expect(open('a', sealed.slice(0, at) + other + sealed.slice(at + 1))).toBeUndefined()
    }
    expect(open('a', '{"encrypted":"1.AAAA"}')).toBeUndefined()
    expect(open('b', sealed)).toBeUndefined()
  })

  it('is another one for another text, id or secret, and the same for the same', () => {
    const elsewhere = createSealing([older])

    expect(seal('a', 'text')).toBe(seal('a', 'text'))
    expect(
      new Set([
        seal('a', 'text'),
        seal('b', 'text'),
        seal('a', 'texts'),
        elsewhere.seal('a', 'text'),
      ]).size,
    ).toBe(4)
  })

  it('is told from a session that has a field of that name', () => {
    const text = '{"cookie":{},"encrypted":"1.AAAA"}'

    expect(open('a', text)).toBe(text)
  })
})
