/**
 * What waits for clients that read more slowly than the server sends, or not at all. It is counted where
 * Engine.IO puts a packet aside, so that nothing runs by the clock; a client with too much is disconnected.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server, Socket } from 'socket.io'

/** An Engine.IO connection. */
type Connection = Socket['conn']

interface Waiting {
  bytes: number
  /** **Milliseconds**, by the clock. */
  readonly since: number
}

/** **Bytes** that a packet takes beside its data: there are empty ones. */
const packetSize = 100

/** **Milliseconds** before it is judged: what an app sends at once may be more than the limit. */
const patience = 1000

/**
 * Watches all connections of a server.
 *
 * @param most - **bytes** that may wait for one client
 */
export function watchBacklog({ engine }: Server, most: number): void {
  const waitings = new WeakMap<Connection, Waiting>()
  const polls = new Map<string, ServerResponse>()

  /** One function for all connections. */
  function onPacket(this: Connection, { data = '' }: { readonly data?: string | Buffer }): void {
    if (this.transport.writable) return
    const now = performance.now()
    const waiting = waitings.get(this) ?? { bytes: 0, since: now }
    waiting.bytes += packetSize + Buffer.byteLength(data)
    waitings.set(this, waiting)
    if (waiting.bytes > most && now - waiting.since > patience) drop(this)
  }

  /** A ping of WebSocket itself; who reads no answers gets no more of them. */
  function onPing(this: WebSocketLine, data: Buffer): void {
    if (this.bufferedAmount <= most) this.pong(data)
  }

  function answerPings(transport: Connection['transport']): void {
    webSocketOf(transport)?.on('ping', onPing)
  }

  /** What is on its way already would keep the line until the client reads it. */
  function drop(connection: Connection): void {
    const { transport } = connection
    webSocketOf(transport)?.terminate()
    polls.get(transport.sid)?.destroy()
    connection.close(true)
  }

  /** A client may poll again when it has read the answer to its last poll. */
  function onPoll(req: Polling, res: ServerResponse, next: (error?: Error) => void): void {
    const id = req._query?.sid
    if (id === undefined || req.method !== 'GET' || req.headers.upgrade !== undefined) next()
    else if (polls.get(id)?.headersSent) next(new Error('Forbidden'))
    else {
      polls.set(id, res)
      res.once('close', () => polls.get(id) === res && polls.delete(id))
      next()
    }
  }

  withoutPongs(engine.opts)
  engine.on('connection', (connection: Connection) => {
    connection.on('packetCreate', onPacket)
    if (connection.transport.name === 'websocket') answerPings(connection.transport)
    else connection.once('upgrade', answerPings)
  })
  engine.on('flush', (connection: Connection) => waitings.delete(connection))
  engine.use(onPoll)
}

/** Engine.IO's parsed query. */
type Polling = IncomingMessage & { readonly _query?: { readonly sid?: string } }

/** By itself `ws` answers every ping, on connections that are only being tried, too. */
function withoutPongs(options: Server['engine']['opts']): void {
  const { wsEngine } = options
  // Engine.IO calls it with `new` when the server begins to listen.
  options.wsEngine = function create(given: object) {
    return new wsEngine({ ...given, autoPong: false })
  }
}

/** A connection of `ws`. */
interface WebSocketLine {
  readonly bufferedAmount: number
  on(event: 'ping', listener: (this: WebSocketLine, data: Buffer) => void): void
  pong(data: Buffer): void
  terminate(): void
}

/** Engine.IO's types hide it. */
function webSocketOf(transport: Connection['transport']): WebSocketLine | undefined {
  return Reflect.get(transport, 'socket')
}
