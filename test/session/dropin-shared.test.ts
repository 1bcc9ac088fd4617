/** Two `session()` on one store, as two routers of an app or two apps of a process have them. */
import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { MemoryStore, session } from '../../src/session/dropin.ts'
import { type AppRequest, createBrowser } from './dropin-ground.ts'
import { createOtherStore } from './stores/connect-store.ts'
import { startServer } from './wire.ts'

/** Whoever asks for a page that waits goes on when the test says so. */
function createGate() {
  const reached = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<void>()
  return { reached, opened }
}

/** Serves `/a/…` behind one `session()` and `/b/…` behind another, both on the store. */
async function startTwo(store: object) {
  const common = { secret: 'cat', resave: false, saveUninitialized: false, store: store as never }
  const [a, b] = [session(common), session(common)]
  const gate = createGate()
  const acts: Record<string, (req: AppRequest) => unknown> = {
    login: (req) => Object.assign(req.session, { userId: 'ada' }),
    show: () => {},
    destroy: (req) => req.session.destroy(),
    regenerate: async (req) => {
      await req.session.regenerate()
      Object.assign(req.session, { fresh: true })
    },
    late: async (req) => {
      gate.reached.resolve()
      await gate.opened.promise
      Object.assign(req.session, { late: true })
    },
    touch: async (req) => {
      gate.reached.resolve()
      await gate.opened.promise
      req.session.touch()
    },
  }
  const server = await startServer((req, res: ServerResponse) => {
    const [, mount, act = '', key = ''] = req.url?.split('/') ?? []
    const open = mount === 'a' ? a : b
    open(req, res, async () => {
      const request = req as AppRequest
      if (key) request.session[key] = true
      await acts[act]?.(request)
      const { cookie: _, ...data } = request.session ?? {}
      res.end(JSON.stringify(data))
    })
  })
  const browser = createBrowser(server.url)
  const ask = async (path: string) => JSON.parse((await browser(path)).body)
  return { browser, ask, gate }
}

const later = (call: () => void) => void setTimeout(call, 1)

const stores: [string, () => object][] = [
  ['MemoryStore', () => new MemoryStore()],
  ['store of others', () => createOtherStore(Date.now, later)],
  [
    'store of others whose touch stores',
    () => {
      const store = createOtherStore(Date.now, later)
      return Object.assign(store, { touch: store.set })
    },
  ],
]

describe.each(stores)('two session() on one %s', (_, create) => {
  it('P4: keep all that parallel requests of both change', async () => {
    const { ask } = await startTwo(create())
    await ask('/a/login')
    const keys = Array.from({ length: 20 }, (_, n) => `key${n}`)

    await Promise.all(keys.map((key, n) => ask(`/${n % 2 ? 'a' : 'b'}/set/${key}`)))

    const all = Object.fromEntries(keys.map((key) => [key, true]))
    expect(await ask('/a/show')).toEqual({ userId: 'ada', ...all })
    expect(await ask('/b/show')).toEqual({ userId: 'ada', ...all })
  })

  it.each(['late', 'touch'])(
    'P5: bring nothing back that one of them has destroyed: %s',
    async (act) => {
      const { browser, ask, gate } = await startTwo(create())
      await ask('/a/login')
      const { cookie } = browser
      const late = ask(`/a/${act}`)
      await gate.reached.promise

      await ask('/b/destroy')
      gate.opened.resolve()
      await late
      browser.cookie = cookie

      expect([await ask('/a/show'), await ask('/b/show')]).toEqual([{}, {}])
    },
  )

  it('P10: know the new id that one of them has given, and the old one no more', async () => {
    const { browser, ask, gate } = await startTwo(create())
    await ask('/a/login')
    const { cookie } = browser
    const late = ask('/a/late')
    await gate.reached.promise

    await ask('/b/regenerate')
    const fresh = browser.cookie
    gate.opened.resolve()
    await late
    const shown = []
    for (const sent of [fresh, cookie]) {
      for (const mount of ['a', 'b']) {
        browser.cookie = sent
        shown.push(await ask(`/${mount}/show`))
      }
    }

    expect(shown).toEqual([{ fresh: true }, { fresh: true }, {}, {}])
  })
})
