/** Socket.IO at an address of the app's own. */
import { describe, expect, it } from 'vitest'
import type { TestApp } from '../../src/testing/app.ts'
import type { Browser } from '../../src/testing/browser.ts'
import { visit } from '../client/ground.ts'
import { type Files, liftFiles } from '../support/lift-files.ts'
import { connect } from './client.ts'
import { transports } from './raw.ts'
import { connectSails, requestSails } from './sails-client.ts'

const files: Files = {
  'config/routes.mjs': `export default {
    'POST /login': (req) => { req.session.userId = 'ada'; return {} },
    'GET /me': (req) => ({ userId: req.session.userId ?? null }),
  }`,
}
const path = '/live/line'

async function lift(served = path) {
  const app = await liftFiles(files, { sockets: { path: served } })
  const browser = app.browser()
  await browser.post('/login')
  return { app, browser }
}

type Ask = (app: TestApp, browser: Browser, transport: string, path?: string) => Promise<unknown>

/** Each asks who is logged in. */
const clients: Readonly<Record<string, Ask>> = {
  async 'socket.io-client 4'({ url }, browser, transport, path) {
    const extraHeaders = { Cookie: browser.cookie() }
    const socket = await connect(url, {
      extraHeaders,
      transports: [transport],
      ...(path && { path }),
    })
    return (await socket.emitWithAck('get', { url: '/me' })).body
  },
  async 'sails.io.js'({ url }, browser, transport, path) {
    const initialConnectionHeaders = { Cookie: browser.cookie() }
    const options = { initialConnectionHeaders, transports: [transport], ...(path && { path }) }
    const socket = await connectSails(url, options)
    return (await requestSails(socket, { method: 'get', url: '/me' })).body
  },
  async 'catamaran/client'({ url }, browser, transport, path) {
    const jar = { get: browser.cookie, set() {} }
    const { client } = visit(url, {
      jar,
      socket: { transports: [transport] },
      ...(path && { path }),
    })
    return (await client.get('/me', undefined, { timeout: 3 })).body
  },
}

describe.each(transports)('config/sockets.path, over %s', (transport) => {
  it.each(Object.entries(clients))('is where %s brings the session of HTTP', async (_, ask) => {
    const { app, browser } = await lift()

    expect(await ask(app, browser, transport, path)).toEqual({ userId: 'ada' })
  })

  it('may end in a slash, as in the examples of Socket.IO', async () => {
    const { app, browser } = await lift(`${path}/`)
    const seen = Object.values(clients).map((ask) => ask(app, browser, transport, path))

    expect(await Promise.all(seen)).toEqual(seen.map(() => ({ userId: 'ada' })))
  })

  it('leaves nothing at the usual address', async () => {
    const { app, browser } = await lift()

    const connecting = clients['socket.io-client 4']?.(app, browser, transport)

    await expect(connecting).rejects.toThrow()
  })
})

describe('config/sockets.path', () => {
  it.each([path, `${path}/`])(
    'of %s is where a page’s client finds Socket.IO’s',
    async (served) => {
      const { app } = await lift(served)

      const text = await (await fetch(`${app.url}/catamaran.js`)).text()
      const [, from = ''] = /from ?["']([^"']+socket\.io[^"']+)/.exec(text) ?? []

      expect((await fetch(new URL(from, app.url))).status).toBe(200)
    },
  )
})
