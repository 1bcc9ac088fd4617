import type { Request } from 'express'
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
  const app = await liftFiles({}, { routes, sockets: { recovery } })
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
  return { browser, socket, got, tell, lose, extraHeaders }
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

  it('is off unless the config says otherwise', async () => {
    const { socket, got, tell, lose } = await crew(false)

    await lose(() => tell('missed'))
    await tell('after')

    expect(socket.recovered).not.toBe(true)
    expect(got).toEqual(['before'])
  })
})
