/**
 * `catamaran/socketstream`: the session of a SocketStream app, on our engine and Socket.IO. Its session API,
 * HTTP routes and remote calls; not its client build, channels or publishing.
 */
import type { Server as HttpServer } from 'node:http'
import type { HttpConfigInput } from '../config/http.ts'
import { type SocketsConfigInput, socketsConfig } from '../config/sockets.ts'
import { requestPrototype } from '../http/requests.ts'
import { createHandshake } from '../sockets/handshake.ts'
import { createIo } from '../sockets/server.ts'
import { createUnderWay } from '../sockets/under-way.ts'
import { type Log, serveCalls } from './socketstream-calls.ts'
import { loadRpcFiles } from './socketstream-files.ts'
import { createHttp, type SocketStreamHttp } from './socketstream-http.ts'
import { createSession, type SocketStreamSession } from './socketstream-session.ts'

export type { HttpRequest } from './socketstream-http.ts'
export type { RpcAnswer, RpcRequest, RpcStep } from './socketstream-rpc.ts'

export interface SocketStreamOptions {
  /** The app's folder, with `server/rpc` and `server/middleware`; the current one unless given. */
  root?: string
  /** As in `config/sockets`: `origins`, `path`, limits. */
  sockets?: SocketsConfigInput
  /** Which proxies may say who the client is, as in `config/http`; none unless given. */
  trustProxy?: HttpConfigInput['trustProxy']
  /** Told of errors that a client does not see, and of advice; the console unless given. */
  log?: Log
}

export interface SocketStream {
  readonly session: SocketStreamSession
  readonly http: SocketStreamHttp
  /**
   * Loads the files and answers calls of sockets on this server.
   *
   * @throws {CatamaranError} `E_APP_FILES`
   */
  start(server: HttpServer): Promise<void>
  /** Waits for calls under way, then closes the sockets and what `use('redis')` opened; the server is its maker's to close. */
  stop(): Promise<void>
}

/** **Seconds** that calls under way have to finish when it stops. */
const patience = 10

/** Makes the `ss` of an app. */
export function socketstream(options: SocketStreamOptions = {}): SocketStream {
  const { root = process.cwd(), trustProxy = false, log = console } = options
  const session = createSession((message) => log.warn(message), trustProxy !== false)
  const http = createHttp(session, (error) => log.error(error))
  const underWay = createUnderWay()
  let io: ReturnType<typeof createIo> | undefined

  const ss: SocketStream = {
    session: { store: session.store, options: session.options },
    http,
    async start(server) {
      const files = await loadRpcFiles(root)
      const { sessions } = session.engine()
      await session.opened()
      const config = { sockets: socketsConfig.parse(options.sockets ?? {}), http: { trustProxy } }
      const handshake = createHandshake({
        sessions,
        prototype: requestPrototype(trustProxy),
        attachCookies: () => {},
        // Nothing is bound to a socket: each call that uses its session asks the store for it.
        endings: () => 0,
        config: config as never,
        onError: (error) => log.error(error),
        warn: (message) => log.warn(message),
      })
      io = createIo(
        { server, config: config as never },
        {
          handshake,
          onConnection(socket) {
            const shake = handshake.shakeOf(socket.request)
            if (shake) serveCalls(socket, shake, { files, session, ss, log, underWay })
          },
        },
      )
    },
    async stop() {
      await underWay.settled(patience)
      // Closed, not disconnected: what Socket.IO's clients are disconnected from they do not come back to.
      for (const { conn } of io?.of('/').sockets.values() ?? []) conn.close()
      io?.engine.close()
      await session.close()
    },
  }
  return ss
}

Object.defineProperty(socketstream, 'socketstream', { value: socketstream })

export { socketstream as 'module.exports' }
