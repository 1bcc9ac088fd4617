/**
 * Nodes of one app that share a Redis, for what one does and the others show.
 */
import type { Socket } from 'socket.io-client'
import { onTestFinished } from 'vitest'
import { type TestApp, testApp } from '../../src/testing/app.ts'
import { type Browser, createBrowser } from '../../src/testing/browser.ts'
import { connect } from '../sockets/client.ts'
import { appFolder, type Files, strongSecret } from '../support/app-folder.ts'

/** What the nodes' app can do. */
export const routes = `(() => {
    const rooms = import(${JSON.stringify(new URL('../../src/sockets/rooms.ts', import.meta.url).href)})
    return {
      'POST /login': (req) => { req.session.userId = 'ada'; return {} },
      'POST /logout': async (req) => { await req.session.destroy(); return {} },
      'POST /regenerate': async (req) => { await req.session.regenerate(); return {} },
      'POST /rotate': async (req) => { await req.session.rotate(); return {} },
      'GET /me': (req) => ({ userId: req.session.userId ?? null }),
      'POST /counter': (req) => ({ n: (req.session.n = (req.session.n ?? 0) + 1) }),
      'POST /join': async (req) => { (await rooms).roomsOf(req).join(req, 'room'); return {} },
      'POST /tell': async (req) => { (await rooms).roomsOf(req).broadcast('room', 'news', 'hot'); return {} },
      'POST /join-tell': async (req) => {
        const { join, broadcast } = (await rooms).roomsOf(req)
        join(req, 'own'); broadcast('own', 'news', 'mine'); return {}
      },
      'POST /leave-all': async (req) => { (await rooms).roomsOf(req).leaveAll('room'); return {} },
      'GET /rooms': (req) => [...req.socket.rooms].filter((room) => room !== req.socket.id),
    }
  })()`
const files: Files = { 'config/routes.mjs': `export default ${routes}` }

/** Lifts an app on a free port, until the test has finished. */
export async function liftNode(overrides: object, session: object = {}): Promise<TestApp> {
  const root = await appFolder(files)
  const app = await testApp(
    root,
    { ...overrides, session: { secret: strongSecret, ...session } },
    { environment: {} },
  )
  onTestFinished(() => app.close())
  return app
}

/** Someone who is logged in by way of this node. */
export async function loggedIn(url: string): Promise<Browser> {
  const browser = createBrowser(url)
  onTestFinished(() => browser.close())
  await browser.post('/login')
  return browser
}

/** A socket with the cookie of this browser, on any node. */
export function tab(url: string, browser: Browser): Promise<Socket> {
  return connect(url, { extraHeaders: { Cookie: browser.cookie() } })
}

/** A virtual request. */
export function send(socket: Socket, verb: string, url: string) {
  return socket.timeout(5000).emitWithAck(verb, { url })
}
