import type { Socket as ServerSocket } from 'socket.io'
import { describe, expect, it } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'
import { connect } from './client.ts'
import { listenToLog } from './log.ts'

interface Data {
  userId?: string
  visits?: number
  left?: string
}

type Done = (error?: unknown) => void

const files = {
  'config/routes.mjs': `export default {
    'POST /login': (req) => { req.session.userId = req.body.user; return {} },
    'POST /end': async (req) => { await req.session.destroy(); return {} },
    'GET /me': (req) => ({ ...req.session, cookie: undefined }),
  }`,
}

async function lift(sockets: object) {
  const app = await liftFiles(files, { sockets })
  const browser = app.browser()
  await browser.post('/login', { user: 'ada' })
  const me = async () => (await browser.get('/me')).body as Data
  const open = () => connect(app.url, { extraHeaders: { Cookie: browser.cookie() } })
  return { app, browser, me, open }
}

describe('onConnect', () => {
  it('has the session and the socket, and what it changes is kept', async () => {
    const seen: unknown[] = []
    const { me, open } = await lift({
      onConnect(session: Data, socket: ServerSocket) {
        session.visits = (session.visits ?? 0) + 1
        seen.push([session.userId, socket.connected])
      },
    })

    await open()

    await expect.poll(me).toEqual({ userId: 'ada', visits: 1 })
    expect(seen).toEqual([['ada', true]])
  })

  it('that fails is told to the log and to nobody else', async () => {
    const { app, open } = await lift({ onConnect: async () => Promise.reject(new Error('mast')) })
    const lines = listenToLog(app)

    const socket = await open()
    const { statusCode } = await socket.emitWithAck('get', { url: '/me' })

    expect(statusCode).toBe(200)
    await expect.poll(() => lines.join('')).toContain('mast')
  })
})

describe.each(['afterDisconnect', 'onDisconnect'])('%s', (name) => {
  it('saves the session after done', async () => {
    const { me, open } = await lift({
      [name](session: Data, socket: ServerSocket, done: Done) {
        setTimeout(() => {
          session.left = socket.id
          done()
        }, 10)
      },
    })
    const socket = await open()
    const { id } = socket

    socket.close()

    await expect.poll(me).toEqual({ userId: 'ada', left: id })
  })

  it('takes a promise for done', async () => {
    const { me, open } = await lift({
      async [name](session: Data) {
        session.left = 'later'
      },
    })

    const socket = await open()
    socket.close()

    await expect.poll(me).toMatchObject({ left: 'later' })
  })

  it('never brings a session back that has ended', async () => {
    const seen: unknown[] = []
    const { browser, open } = await lift({
      [name](session: Data, _socket: ServerSocket, done: Done) {
        seen.push({ ...session })
        session.left = 'ghost'
        done()
      },
    })
    await open()
    const cookie = browser.cookie()

    await browser.post('/end')

    await expect.poll(() => seen).toEqual([{}])
    expect((await browser.get('/me', { cookie })).body).toEqual({})
  })

  it('has the session, and is waited for, when the app closes', async () => {
    const order: unknown[] = []
    const { app, open } = await lift({
      [name](session: Data, _socket: ServerSocket, done: Done) {
        setTimeout(() => {
          order.push(session.userId)
          done()
        }, 30)
      },
    })
    await open()

    await app.close()

    expect([...order, 'closed']).toEqual(['ada', 'closed'])
  })
})
