import type { Request } from 'express'
import type { Server } from 'socket.io'
import { describe, expect, it } from 'vitest'
import { roomsOf } from '../../src/index.ts'
import { liftFiles } from '../support/lift-files.ts'
import { connect, heard } from './client.ts'

const routes = {
  'POST /login': (req: Request) => {
    Reflect.set(req.session, 'userId', req.body.user)
    return {}
  },
  'POST /logout': (req: Request) => req.session.destroy().then(() => ({})),
  'POST /join': (req: Request) => {
    roomsOf(req).join(req, 'crew')
    return {}
  },
  'POST /news': (req: Request) => {
    roomsOf(req).broadcast('crew', 'news', req.body.text)
    return {}
  },
}

/** Ada's socket in a room, and a browser that sends news there. */
async function crew(recovery: number | false) {
  let io: Server | undefined
  const seeIo = ({ app }: Request) => {
    io = Reflect.get(app, Symbol.for('catamaran.io'))
    return {}
  }
  const app = await liftFiles(
    {},
    { routes: { ...routes, 'GET /io': seeIo }, sockets: { recovery } },
  )
  const browser = app.browser()
  await browser.post('/login', { user: 'ada' })
  const extraHeaders = { Cookie: browser.cookie() }
  const socket = await connect(app.url, {
    extraHeaders,
    reconnection: true,
    reconnectionDelay: 20,
  })
  await socket.emitWithAck('post', { url: '/join' })
  const got: unknown[] = []
  socket.on('news', (text) => got.push(text))
  const tell = (text: string) => app.browser().post('/news', { text })
  // Who has received something knows where to go on.
  await tell('before')
  await expect.poll(() => got).toEqual(['before'])

  /** Loses the line, does something meanwhile, and comes back. */
  async function lose(meanwhile: () => Promise<unknown>): Promise<void> {
    const back = heard(socket, 'connect')
    socket.io.reconnectionDelay(500)
    socket.io.engine.close()
    await meanwhile()
    await back
  }
  await socket.emitWithAck('get', { url: '/io' })
  return { browser, socket, got, tell, lose, extraHeaders, io }
}

describe('recovery', () => {
  it('gives rooms, and what was missed, back to the session that joined them', async () => {
    const { socket, got, tell, lose } = await crew(60)

    await lose(() => tell('missed'))
    await tell('after')

    await expect.poll(() => got).toEqual(['before', 'missed', 'after'])
    expect(socket.recovered).toBe(true)
  })

  it('keeps a session out of the rooms of one that has ended', async () => {
    const { browser, got, tell, lose } = await crew(60)

    await lose(() => browser.post('/logout'))
    await tell('after')
    await tell('later')

    expect(got).toEqual(['before'])
  })

  it('asks for cookie and origin as at first', async () => {
    const { socket, extraHeaders } = await crew(60)
    Object.assign(extraHeaders, { Origin: 'http://evil.example' })
    socket.io.engine.close()

    await new Promise((resolve) => socket.io.once('reconnect_error', resolve))

    expect(socket.connected).toBe(false)
  })

  it('W5: asks the app’s own middleware of Socket.IO again, too; no option says otherwise', async () => {
    const { io, socket, lose } = await crew(60)
    let asked = 0
    io?.use((_socket, next) => {
      asked += 1
      next()
    })

    await lose(async () => {})
    const skipping = { connectionStateRecovery: { skipMiddlewares: true } }

    expect([socket.recovered, asked]).toEqual([true, 1])
    await expect(liftFiles({}, { sockets: skipping })).rejects.toMatchObject({ code: 'E_CONFIG' })
  })

  it('is off unless the config says otherwise', async () => {
    const { socket, got, tell, lose } = await crew(false)

    await lose(() => tell('missed'))
    await tell('after')

    expect(socket.recovered).not.toBe(true)
    expect(got).toEqual(['before'])
  })
})
