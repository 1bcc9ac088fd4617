/** The live session, on one node. */
import { describe, expect, it, vi } from 'vitest'
import type { TestApp } from '../../src/testing/app.ts'
import { type Files, liftFiles } from '../support/lift-files.ts'
import { heard } from './client.ts'
import { listener } from './told.ts'

const files: Files = {
  'config/routes.mjs': `export default {
    'GET /me': ({ session }) => ({ userId: session.userId ?? null }),
    'POST /login': (req) => { req.session.userId = 'ada'; return {} },
    'POST /theme': (req) => { req.session.theme = req.body.theme; return {} },
    'POST /themeless': (req) => { delete req.session.theme; return {} },
    'POST /count': async (req) => { await req.session.update((s) => { s.n = (s.n ?? 0) + 1 }); return {} },
    'POST /update': async (req) => { await req.session.update((s) => { s.theme = req.body.theme }); return {} },
    'POST /late': (req) => {
      req.session.theme = 'dark'
      // After the text to be stored has been written, before it is stored.
      process.nextTick(() => process.nextTick(() => { req.session.theme = 10n }))
      return {}
    },
    'POST /note': (req) => { req.session.note = 'mine alone'; return {} },
    'POST /regenerate': async (req) => { await req.session.regenerate(); return {} },
    'POST /rotate': async (req) => { await req.session.rotate(); req.session.theme = 'new'; return {} },
    'POST /logout': async (req) => { await req.session.destroy(); return {} },
  }`,
}

const lift = (session: object = {}): Promise<TestApp> =>
  liftFiles(files, { session: { public: ['userId', 'theme'], ...session } })

/** Someone with a stored session. */
async function visitor(app: TestApp) {
  const browser = app.browser()
  await browser.post('/login')
  return browser
}

describe('W7: the live session', () => {
  it.each([['websocket'], ['polling']])(
    'tells a change over HTTP to all sockets of the session, over %s',
    async (transport) => {
      const app = await lift()
      const browser = await visitor(app)
      const options = { transports: [transport] }
      const tabs = [
        await listener(app.url, browser, options),
        await listener(app.url, browser, options),
      ]
      const stranger = await listener(app.url, await visitor(app), options)

      await browser.post('/theme', { theme: 'dark' })
      await browser.post('/themeless')

      const expected = [{ userId: 'ada', theme: null }, { theme: 'dark' }, { theme: null }]
      for (const { told } of tabs) await expect.poll(() => told).toEqual(expected)
      await stranger.send('get', '/me')
      expect(stranger.told).toEqual([{ userId: 'ada', theme: null }])
    },
  )

  it('bears a value that cannot be written, set while the change is being stored', async () => {
    // In memory it is stored at once.
    const app = await lift({ adapter: 'sqlite' })
    const errors: unknown[] = []
    vi.spyOn(app.app.log, 'error').mockImplementation((error) => void errors.push(error))
    const { send, told } = await listener(app.url, await visitor(app))

    expect(await send('post', '/late')).toEqual({})
    await expect.poll(() => told).toContainEqual({ theme: 'dark' })
    expect(errors).toHaveLength(1)
  })

  it('tells a change by a socket’s event to its siblings, and to itself before it is acknowledged', async () => {
    const app = await lift()
    const browser = await visitor(app)
    const own = await listener(app.url, browser)
    const sibling = await listener(app.url, browser)

    await own.send('post', '/theme', { theme: 'dark' })

    expect(own.told).toEqual([{ userId: 'ada', theme: null }, { theme: 'dark' }])
    await expect.poll(() => sibling.shown()).toEqual({ userId: 'ada', theme: 'dark' })
  })

  it('tells what an atomic update has changed', async () => {
    const app = await lift()
    const browser = await visitor(app)
    const tab = await listener(app.url, browser)

    await browser.post('/update', { theme: 'dark' })

    await expect.poll(() => tab.shown()).toEqual({ userId: 'ada', theme: 'dark' })
  })

  it('tells nothing when other fields change', async () => {
    const app = await lift()
    const browser = await visitor(app)
    const tab = await listener(app.url, browser)

    await browser.post('/note')
    await browser.post('/count')
    await tab.send('post', '/note')
    await tab.send('post', '/count')

    expect(tab.told).toEqual([{ userId: 'ada', theme: null }])
  })

  it('tells nothing at all where no field is public', async () => {
    const app = await liftFiles(files)
    const tab = await listener(app.url, await visitor(app))

    await tab.send('post', '/theme', { theme: 'dark' })

    expect(tab.told).toEqual([])
  })

  it('ends with what is stored, however many change it at once', async () => {
    const app = await lift()
    const browser = await visitor(app)
    const tabs = [await listener(app.url, browser), await listener(app.url, browser)]
    const themes = Array.from({ length: 20 }, (_, number) => `theme ${number}`)

    await Promise.all(
      themes.map((theme, number) => {
        const tab = tabs[number % 3]
        return tab ? tab.send('post', '/theme', { theme }) : browser.post('/theme', { theme })
      }),
    )

    const { shown: stored } = await listener(app.url, browser)
    await expect.poll(() => stored()['theme']).toMatch(/theme/)
    for (const { shown } of tabs) await expect.poll(() => shown()).toEqual(stored())
  })

  it('tells a newcomer’s socket what its own events make of its session', async () => {
    const app = await lift()
    const tab = await listener(app.url)

    await tab.send('post', '/login')

    expect(tab.told).toEqual([{ userId: null, theme: null }, { userId: 'ada' }])
  })

  it.each([
    ['/logout', {}],
    ['/regenerate', {}],
    ['/regenerate', { catamaran: 1 }],
  ])(
    'tells the socket that stays after its own POST %s that nothing is left, its query %o',
    async (path, query) => {
      const app = await lift()
      const tab = await listener(app.url, await visitor(app), { query })

      await tab.send('post', path)

      expect(tab.told).toEqual([{ userId: 'ada', theme: null }, { userId: null }])
    },
  )

  it('tells a socket whose own event gave the session another id', async () => {
    const app = await lift({ user: 'userId' })
    const browser = app.browser()
    await browser.post('/theme', { theme: 'dark' })
    const tab = await listener(app.url, browser, { query: { catamaran: 1 } })

    await tab.send('post', '/login')
    await tab.send('post', '/rotate')
    await tab.send('post', '/theme', { theme: 'light' })

    expect(tab.told).toEqual([
      { userId: null, theme: 'dark' },
      { userId: 'ada' },
      { theme: 'new' },
      { theme: 'light' },
    ])
  })

  it('tells a sibling that comes back after a rotation', async () => {
    const app = await lift({ user: 'userId' })
    const browser = app.browser()
    await browser.post('/theme', { theme: 'dark' })
    const tab = await listener(app.url, browser)
    const ended = heard(tab.socket, 'session:ended')

    await browser.post('/login')
    await ended
    const back = await listener(app.url, browser)

    await expect.poll(() => back.told).toEqual([{ userId: 'ada', theme: 'dark' }])
  })

  it('shows fields as actions see them: with the defaults of the schema', async () => {
    const schema = `{
      '~standard': { version: 1, vendor: 'test', validate: (data) => ({ value: { theme: 'light', ...data } }) },
    }`
    const app = await liftFiles({
      ...files,
      'config/session.mjs': `export default { public: ['theme'], data: ${schema} }`,
    })
    const newcomer = await listener(app.url)
    const browser = await visitor(app)
    const tab = await listener(app.url, browser)

    await browser.post('/theme', { theme: 'dark' })

    await expect.poll(() => newcomer.told).toEqual([{ theme: 'light' }])
    await expect.poll(() => tab.told).toEqual([{ theme: 'light' }, { theme: 'dark' }])
  })
})
