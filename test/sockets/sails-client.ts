/**
 * The real sails.io.js 1.2.1 on the client of its age, Socket.IO 2 with Engine.IO 3.
 */
import { createRequire } from 'node:module'
import { onTestFinished } from 'vitest'

export interface Jwr {
  readonly body?: unknown
  readonly statusCode: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly error?: unknown
}

export interface SailsSocket {
  readonly headers?: object
  request(options: object, done?: (body: unknown, jwr: Jwr) => void): void
  on(event: string, listener: (data: unknown) => void): void
  disconnect(): void
  isConnected(): boolean
  /** The socket of Socket.IO 2's client. */
  readonly _raw: {
    emit(event: string, ...args: unknown[]): void
    readonly io: { once(event: string, listener: () => void): unknown }
  }
}

interface SailsIo {
  readonly sails: {
    autoConnect: boolean
    environment: string
    connect(url: string, o: object): SailsSocket
  }
}

const require = createRequire(import.meta.url)

/**
 * Socket.IO 2's client. Where Node has a `WebSocket` of its own as it is loaded, its Engine.IO takes
 * itself for a browser's and sends no headers.
 */
export function oldClient(): unknown {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket')
  Reflect.deleteProperty(globalThis, 'WebSocket')
  try {
    return require('socket.io-client-2')
  } finally {
    if (own) Object.defineProperty(globalThis, 'WebSocket', own)
  }
}

/** Connects until the test has finished. */
export async function connectSails(url: string, options: object = {}): Promise<SailsSocket> {
  const client = oldClient() as SailsIo
  const io: SailsIo = client.sails ? client : require('sails.io.js')(client)
  io.sails.autoConnect = false
  io.sails.environment = 'production'
  const socket = io.sails.connect(url, { multiplex: false, ...options })
  onTestFinished(() => {
    if (socket.isConnected()) socket.disconnect()
  })
  await new Promise<void>((resolve, reject) => {
    socket.on('connect', () => resolve())
    socket.on('connect_error', reject)
  })
  return socket
}

/** Sends a request as `io.socket.request` does. */
export function requestSails(socket: SailsSocket, options: object): Promise<Jwr> {
  return new Promise((resolve) => socket.request(options, (_body, jwr) => resolve(jwr)))
}
