/** The end of a session as clients of Sails see it, which know of none: `sails.io.js` on Engine.IO 3. */
import { describe, expect, it } from 'vitest'
import type { TestApp } from '../../src/testing/app.ts'
import type { Browser } from '../../src/testing/browser.ts'
import { liftFiles } from '../support/lift-files.ts'
import { connect, heard } from './client.ts'
import { connectSails, requestSails, type SailsSocket } from './sails-client.ts'

const files = {
  'config/routes.mjs': `export default {
    'POST /login': (req) => { req.session.userId = 'ada'; return {} },
    'POST /logout': async (req) => { await req.session.destroy(); return {} },
    'GET /me': (req) => ({ userId: req.session.userId ?? null, n: (req.session.n = (req.session.n ?? 0) + 1) }),
  }`,
}

async function lift(sails = true) {
  const app = await liftFiles(files, { globals: { sails } })
  const browser = app.browser()
  await browser.post('/login')
  return { app, browser }
}

function old({ url }: TestApp, browser: Browser): Promise<SailsSocket> {
  const initialConnectionHeaders = { Cookie: browser.cookie() }
  return connectSails(url, { transports: ['websocket'], initialConnectionHeaders })
}

const send = (socket: SailsSocket, method: string, url: string) =>
  requestSails(socket, { method, url })

describe('an event of sails.io.js on a session that has ended', () => {
  it('is one stranger’s in the Sails profile, until its socket is disconnected', async () => {
    const { app, browser } = await lift()
    const socket = await old(app, browser)
    const told = new Promise((resolve) => socket.on('session:ended', resolve))
    const gone = new Promise((resolve) => socket.on('disconnect', resolve))
    const before = await send(socket, 'get', '/me')

    await browser.post('/logout')
    await told
    const seen = [await send(socket, 'get', '/me'), await send(socket, 'get', '/me')]
    await gone

    expect(before.body).toEqual({ userId: 'ada', n: 1 })
    expect(seen).toMatchObject([
      { statusCode: 200, body: { userId: null, n: 1 } },
      { statusCode: 200, body: { userId: null, n: 2 } },
    ])
    expect((await browser.get('/me')).body).toMatchObject({ userId: null })
  })

  it('is another stranger’s once the first has ended its own session', async () => {
    const { app, browser } = await lift()
    const socket = await old(app, browser)
    const told = new Promise((resolve) => socket.on('session:ended', resolve))
    await browser.post('/logout')
    await told
    await send(socket, 'post', '/login')
    const first = await send(socket, 'get', '/me')

    const left = await send(socket, 'post', '/logout')
    const next = await send(socket, 'get', '/me')

    expect(first.body).toEqual({ userId: 'ada', n: 1 })
    expect(left.statusCode).toBe(200)
    expect(next).toMatchObject({ statusCode: 200, body: { userId: null, n: 1 } })
  })

  it('is refused elsewhere, and there to a newer client', async () => {
    const plain = await lift(false)
    const sails = await lift()
    const socket = await old(plain.app, plain.browser)
    const extraHeaders = { Cookie: sails.browser.cookie() }
    const newer = await connect(sails.app.url, { extraHeaders })
    const told = [
      new Promise((resolve) => socket.on('session:ended', resolve)),
      heard(newer, 'session:ended'),
    ]

    await Promise.all([plain.browser.post('/logout'), sails.browser.post('/logout')])
    await Promise.all(told)

    expect((await send(socket, 'get', '/me')).statusCode).toBe(401)
    expect((await newer.emitWithAck('get', { url: '/me' })).statusCode).toBe(401)
  })
})
