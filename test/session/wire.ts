/**
 * A real server whose answers are held, and clients that see the bytes themselves.
 */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { HoldOptions } from '../../src/session/held.ts'
import { holdAnswer } from '../../src/session/hold.ts'

export interface Gate {
  commit(): Promise<string | undefined>
  open(cookie?: string): void
  fail(error: Error): void
  /** Resolves when the commit has begun. */
  readonly reached: Promise<void>
}

/** A commit that ends when the test says so. */
export function createGate(): Gate {
  const passed = Promise.withResolvers<string | undefined>()
  const reached = Promise.withResolvers<void>()
  return {
    commit() {
      reached.resolve()
      return passed.promise
    },
    open: (cookie) => passed.resolve(cookie),
    fail: (error) => passed.reject(error),
    reached: reached.promise,
  }
}

/** What the store says when it is down. */
export function down(): Error {
  return Object.assign(new Error('no store'), { status: 503 })
}

export interface Wire {
  /** What has come so far. */
  text(): string
  send(text: string): void
  /** Resolves with all that came, when the server has closed the connection. */
  all(): Promise<string>
  /** Resolves when the text so far holds `part`, as many times as told. */
  until(part: string, times?: number): Promise<string>
  /** Stops and starts to read. */
  pause(): void
  resume(): void
  destroy(): void
}

export interface Message {
  readonly status: number
  readonly reason: string
  readonly headers: Headers
  readonly body: string
}

type Act = (...args: Parameters<RequestListener>) => unknown

export interface HeldServer {
  readonly server: Server
  readonly port: number
  readonly url: string
  open(): Wire
  /** Sends one request and reads until the connection ends. */
  ask(path?: string, options?: { method?: string; headers?: string }): Promise<Message>
  /** Resolves after whatever the server has written until now would have arrived. */
  settle(): Promise<void>
}

/** Serves `act` with every answer held; `/free` is answered at once. */
export async function startHeld(
  act: Act,
  options: Partial<HoldOptions> & { around?: (res: ServerResponse) => void } = {},
): Promise<HeldServer> {
  const { around, ...hold } = options
  const failed = (error: unknown) => {
    throw error
  }
  return startServer((req, res) => {
    if (req.url === '/free') return res.end('free')
    around?.(res)
    holdAnswer(res, { commit: async () => undefined, failed, ...hold })
    return act(req, res)
  })
}

export async function startServer(act: Act): Promise<HeldServer> {
  const server = createServer((req, res) => void act(req, res)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const open = () => openWire(port)

  async function ask(path = '/', { method = 'GET', headers = '' } = {}): Promise<Message> {
    const wire = open()
    wire.send(`${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`)
    return messageOf(await wire.all())
  }

  async function settle(): Promise<void> {
    for (let round = 0; round < 3; round += 1) {
      await fetch(`http://127.0.0.1:${port}/free`).then((answer) => answer.text())
      await turn()
    }
  }

  return { server, port, url: `http://127.0.0.1:${port}`, open, ask, settle }
}

function openWire(port: number): Wire {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  const closed = once(socket, 'close')
  let text = ''
  socket.on('data', (part) => {
    text += part
  })
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())

  async function until(part: string, times = 1): Promise<string> {
    while (text.split(part).length <= times) await once(socket, 'data')
    return text
  }

  return {
    text: () => text,
    send: (part) => void socket.write(part),
    all: () => closed.then(() => text),
    until,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    destroy: () => void socket.destroy(),
  }
}

/** Reads one answer; a chunked body is put together. */
export function messageOf(text: string): Message {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [line = '', ...fields] = head.split('\r\n')
  const [, status, reason] = /^HTTP\/1.1 (\d+) ?(.*)$/.exec(line) ?? []
  const headers = new Headers()
  for (const field of fields) {
    const [name = '', value = ''] = field.split(/: (.*)/s)
    headers.append(name, value)
  }
  const raw = rest.join('\r\n\r\n')
  const body = headers.get('transfer-encoding') === 'chunked' ? unchunk(raw) : raw
  return { status: Number(status), reason: reason ?? '', headers, body }
}

function unchunk(text: string): string {
  const [size = '', rest = ''] = text.split(/\r\n(.*)/s)
  const length = Number.parseInt(size, 16)
  return length > 0 ? rest.slice(0, length) + unchunk(rest.slice(length + 2)) : ''
}
