/**
 * Builds the Socket.IO server: transports and limits from `config/sockets`, the handshake's decision, and
 * a newcomer's cookie in the handshake's own answer.
 */
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { Server, type Socket } from 'socket.io'
import type { Config } from '../config/schema.ts'
import { watchBacklog } from './backlog.ts'
import type { Handshake } from './handshake.ts'
import { hurryPolls } from './lines.ts'

interface IoOptions {
  readonly handshake: Handshake
  onConnection(socket: Socket): void
}

export function createIo(
  { server, config }: { readonly server: HttpServer; readonly config: Config },
  { handshake, onConnection }: IoOptions,
): Server {
  const { transports, path, allowEIO3, recovery, ...limits } = config.sockets
  const { maxHttpBufferSize, pingInterval, pingTimeout, maxAttachments, maxBacklog } = limits
  const io = new Server(server, {
    path,
    transports,
    allowEIO3,
    maxHttpBufferSize,
    pingInterval,
    pingTimeout,
    connectTimeout: 10_000,
    perMessageDeflate: false,
    allowRequest: handshake.allow,
    ...cors(config.sockets),
    // Who comes back is asked for cookie and origin as who comes first.
    ...(recovery && {
      connectionStateRecovery: {
        maxDisconnectionDuration: recovery * 1000,
        skipMiddlewares: false,
      },
    }),
  })
  limitAttachments(io, maxAttachments)

  io.engine.use((req: Polled, _res: unknown, next: (error?: Error) => void) => {
    // allowRequest is asked of the first request only; those that follow must be as welcome.
    const follows = req._query?.sid !== undefined
    // JSONP: answers that a page of any origin could run as a script, for which browsers name no origin.
    const isScript = req._query?.j !== undefined
    const isRefused = isScript || (follows && !handshake.mayFollow(req))
    next(isRefused ? new Error('Forbidden') : undefined)
  })
  watchBacklog(io, maxBacklog)
  hurryPolls(io)
  io.engine.on('initial_headers', (headers: Record<string, string>, req: IncomingMessage) => {
    const cookie = handshake.shakeOf(req)?.cookie
    if (cookie) headers['Set-Cookie'] = cookie
  })
  io.on('connection', onConnection)
  return io
}

/** Lets pages of other origins read the answers; who may connect, allowRequest decides. */
function cors({ origins, beforeConnect }: Config['sockets']) {
  const decides = typeof beforeConnect === 'function' || beforeConnect === false
  if (!decides && !origins) return {}
  return { cors: { origin: decides ? true : [...(origins ?? [])], credentials: true } }
}

/** Socket.IO's own parser takes a limit, but the server has no option for it. */
function limitAttachments(io: Server, maxAttachments: number): void {
  const { Decoder, ...rest } = io._parser
  function LimitedDecoder() {
    return new Decoder({ maxAttachments })
  }
  Reflect.set(io, '_parser', { ...rest, Decoder: LimitedDecoder })
}

/** Engine.IO's parsed query. */
type Polled = IncomingMessage & { _query?: { sid?: string; j?: string } }
