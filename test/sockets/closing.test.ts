import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { appFolder, type Files, liftFiles } from '../support/lift-files.ts'
import { connect, heard } from './client.ts'
import { sleepers } from './sleeper.ts'

const files: Files = {
  'config/routes.mjs': `
    const wait = (ms) => new Promise((done) => setTimeout(done, ms))
    export default {
      'POST /login': (req) => { req.session.userId = 'ada'; return {} },
      'PUT /slow': async (req) => { await wait(150); req.session.slow = true; return { done: true } },
      'POST /logout': async (req) => { await req.session.destroy(); return {} },
      'GET /never': (req, res) => res,
      'GET /me': (req) => ({ userId: req.session.userId ?? null }),
    }`,
}

describe('an app that is lowered', () => {
  it.each(['websocket', 'polling'])(
    'lets a slow event finish, then disconnects (%s)',
    async (transport) => {
      const app = await liftFiles(files)
      const socket = await connect(app.url, { transports: [transport] })
      const order: string[] = []
      const slow = socket.emitWithAck('put', { url: '/slow' }).then((ack) => {
        order.push('acknowledged')
        return ack
      })
      const gone = heard(socket, 'disconnect').then(() => order.push('disconnected'))
      await sleep(20)

      await app.app.lower()
      await gone

      expect(order).toEqual(['acknowledged', 'disconnected'])
      expect(await slow).toMatchObject({ statusCode: 200, body: { done: true } })
    },
  )

  it.each(['websocket', 'polling'])(
    'lets clients come back by themselves when it is up again (%s)',
    async (transport) => {
      const app = await liftFiles(files)
      const { port } = new URL(app.url)
      const socket = await connect(app.url, {
        ...{ transports: [transport], reconnection: true },
        ...{ reconnectionDelay: 50, reconnectionDelayMax: 100 },
      })
      const back = heard(socket, 'disconnect').then(() => heard(socket, 'connect'))
      await app.app.lower()

      await liftFiles(files, { port: Number(port) })
      await back

      expect(await socket.emitWithAck('get', { url: '/me' })).toMatchObject({ statusCode: 200 })
    },
  )

  it('waits for no event whose client has gone', async () => {
    const app = await liftFiles(files)
    const socket = await connect(app.url)
    socket.emit('get', { url: '/never' })
    await socket.emitWithAck('get', { url: '/me' })
    socket.close()
    await sleep(50)
    const started = performance.now()

    await app.app.lower()

    expect(performance.now() - started).toBeLessThan(1000)
  })

  it('disconnects idle sockets at once', async () => {
    const app = await liftFiles(files)
    const sockets = await Promise.all([
      connect(app.url),
      connect(app.url, { transports: ['websocket'] }),
      connect(app.url, { transports: ['polling'] }),
    ])
    const gone = sockets.map((socket) => heard(socket, 'disconnect'))
    const started = performance.now()

    await app.app.lower()
    await Promise.all(gone)

    expect(performance.now() - started).toBeLessThan(1000)
  })

  it('cuts the line of a client that sleeps', async () => {
    const app = await liftFiles(files)
    await sleepers.websocket(app)
    const started = performance.now()

    await app.app.lower()

    expect(performance.now() - started).toBeLessThan(3000)
  })

  it.each(['websocket', 'polling'])(
    'leaves nothing that keeps its process (%s)',
    async (transport) => {
      const root = await appFolder(files)
      const home = join(import.meta.dirname, '../..')
      const script = `
      import { io } from 'socket.io-client'
      import { testApp } from '${join(home, 'src/testing/app.ts')}'
      const session = { secret: 'a1b2c3d4'.repeat(6) }
      const app = await testApp(process.argv[1], { session })
      const [one, two] = [app.browser(), app.browser()]
      await one.emit('POST /login')
      await two.socket()
      await one.emit('PUT /slow')
      const socket = await one.socket()
      socket.emit('get', { url: '/me' })
      const extraHeaders = { Cookie: one.cookie() }
      const ended = io(app.url, { forceNew: true, transports: ['${transport}'], extraHeaders })
      await new Promise((resolve) => ended.once('connect', resolve))
      await fetch(app.url + '/logout', { method: 'POST', headers: extraHeaders })
      await new Promise((resolve) => ended.once('disconnect', resolve))
      await app.close()
      console.log('lowered')
      process.once('exit', () => console.log('after', Math.round(performance.now() - lowered)))
      const lowered = performance.now()`
      const args = ['--conditions=@catamaran/source', '--input-type=module', '-e', script, root]

      const { stdout } = await promisify(execFile)(process.execPath, args, {
        cwd: home,
        timeout: 15_000,
      })

      const [first, last] = stdout.trim().split('\n')
      expect(first).toBe('lowered')
      expect(Number(last?.split(' ')[1])).toBeLessThan(2000)
    },
  )
})
