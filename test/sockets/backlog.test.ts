import { once } from 'node:events'
import type { Socket as Line } from 'node:net'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { Server, Socket } from 'socket.io'
import { describe, expect, it, onTestFinished } from 'vitest'
import { testApp } from '../../src/testing/app.ts'
import { appFolder, strongSecret } from '../support/app-folder.ts'
import { connect, heard } from './client.ts'
import { shake, transports } from './raw.ts'
import { openLine, poll, sleepers } from './sleeper.ts'

/** An app, its Socket.IO server, and a client that reads all it gets. */
async function lift(sockets: object = {}) {
  let io: Server | undefined
  const onConnect = (_session: unknown, socket: Socket) => {
    io = socket.nsp.server
  }
  const root = await appFolder({})
  const routes = { 'GET /': () => 'here' }
  const config = { routes, session: { secret: strongSecret }, sockets: { ...sockets, onConnect } }
  const app = await testApp(root, config, { environment: {} })
  onTestFinished(() => app.close())
  const reader = await connect(app.url)
  // The hooks run when their file has been loaded.
  while (!io) await turn()
  return { app, reader, io }
}

/** The server's side of the next client but `reader`. */
async function arrived(io: Server): Promise<Socket> {
  while (io.sockets.sockets.size < 2) await turn()
  return [...io.sockets.sockets.values()][1] as Socket
}

/** Reads what has come in over a line until its other end is closed. */
async function closed(line: Line): Promise<void> {
  line.on('error', () => {}).resume()
  await once(line, 'close')
}

const news = 'x'.repeat(100_000)

describe('Z14: a client that never reads', () => {
  it.each(transports)('is dropped at the limit, the others get everything: %s', async (name) => {
    const { app, reader, io } = await lift()
    let [sent, got] = [0, 0]
    reader.on('news', () => {
      got += 1
    })
    await sleepers[name](app)
    const socket = await arrived(io)
    const gone = new Promise((resolve) => socket.once('disconnect', resolve))

    while (socket.connected) {
      io.emit('news', news)
      sent += 1
      // At the pace of the client that reads.
      await reader.emitWithAck('get', { url: '/' })
      await sleep(10)
    }
    const all = new Promise<void>((resolve) => reader.on('last', () => resolve()))
    io.emit('last')
    await all

    expect(await gone).toBe('forced close')
    expect(got).toBe(sent)
    expect(sent * news.length).toBeGreaterThan(4_000_000)
    expect(Reflect.get(io.engine, 'clientsCount')).toBe(1)
  })

  it.each(transports)('stays as long as less than the limit waits: %s', async (name) => {
    const { app, reader, io } = await lift({ maxBacklog: 100_000_000 })
    await sleepers[name](app)
    const socket = await arrived(io)

    for (let times = 0; times < 60; times += 1) {
      io.emit('news', news)
      await sleep(20)
    }
    await reader.emitWithAck('get', { url: '/' })

    expect(socket.connected).toBe(true)
  })

  // A line that is closed by its handshake only stays for half a minute.
  it('loses its line with what is under way on it: websocket', { timeout: 20_000 }, async () => {
    const { app, io } = await lift({ maxBacklog: 1_000_000 })
    const line = await sleepers.websocket(app)
    const socket = await arrived(io)

    while (socket.connected) {
      io.emit('news', news)
      await sleep(10)
    }

    await closed(line)
  })

  it('loses its line, and gets no second answer before it has read the first: polling', async () => {
    const { app, io } = await lift({ maxBacklog: 15_000_000 })
    const { sid } = await shake(app.url, 'polling')
    await shake(app.url, 'polling', { sid })
    const socket = await arrived(io)
    for (let times = 0; times < 140; times += 1) io.emit('news', news)

    const first = poll(app.port, sid)
    await new Promise((resolve) => io.engine.once('drain', resolve))
    const second = poll(app.port, sid).resume()
    const [answer] = await once(second, 'data')
    while (socket.connected) {
      socket.emit('news', news)
      await sleep(1)
    }
    await closed(first)

    expect(String(answer)).toMatch(/^HTTP\/1\.1 400 /)
    expect(first.bytesRead).toBeLessThan(140 * news.length)
  })
})

describe('Z09: a client that sends pings and reads nothing', () => {
  /** A masked frame; a mask of zeros leaves it as it is. */
  const frame = (first: number, text: string) =>
    Buffer.concat([Buffer.from([first, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)])
  const many = (bytes: Buffer) => Buffer.concat(Array.from({ length: 1000 }, () => bytes))

  it('is answered no more than may wait: WebSocket’s own', async () => {
    const { app, io } = await lift({ maxBacklog: 1_000_000 })
    const line = await sleepers.websocket(app)
    const socket = await arrived(io)
    const pings = many(frame(0x89, 'p'.repeat(125)))

    for (let times = 0; times < 200; times += 1) {
      if (!line.write(pings)) await once(line, 'drain')
    }

    expect(waitingFor(socket)).toBeGreaterThan(1_000_000)
    expect(waitingFor(socket)).toBeLessThan(1_001_000)
  })

  it('is dropped: Engine.IO 3’s', async () => {
    const { app, io } = await lift({ maxBacklog: 100_000 })
    const line = (await openLine(app, 3)).on('error', () => {})
    const socket = await arrived(io)
    const pings = many(frame(0x81, '2'))

    while (socket.connected && line.writable) {
      if (!line.write(pings)) await sleep(5)
    }

    expect(socket.connected).toBe(false)
  })
})

/** Bytes that are on their way to a client. */
function waitingFor({ conn }: Socket): number {
  return Reflect.get(conn.transport, 'socket').bufferedAmount
}

describe('a client that reads', () => {
  it.each(transports)('gets more at once than may wait: %s', async (name) => {
    const { app, io } = await lift()
    const client = await connect(app.url, { transports: [name] })
    let got = 0
    client.on('news', () => {
      got += 1
    })
    const last = heard(client, 'last')

    for (let times = 0; times < 60; times += 1) io.emit('news', news)
    io.emit('last')
    await last

    expect(got).toBe(60)
  })

  it.each(transports)('stays however much it gets, burst after burst: %s', async (name) => {
    const { app, io } = await lift({ maxBacklog: 1_000_000 })
    const client = await connect(app.url, { transports: [name] })

    for (let bursts = 0; bursts < 8; bursts += 1) {
      const last = heard(client, 'last')
      for (let times = 0; times < 5; times += 1) io.emit('news', news)
      io.emit('last')
      await last
      await sleep(200)
    }

    expect(client.connected).toBe(true)
  })

  it('polls on and on', async () => {
    const { app, io } = await lift()
    const client = await connect(app.url, { transports: ['polling'] })
    let got = 0
    client.on('news', () => {
      got += 1
    })

    for (let times = 1; times <= 20; times += 1) {
      io.emit('news', news)
      await client.emitWithAck('get', { url: '/' })
    }

    expect(got).toBe(20)
  })
})
