/**
 * The calls that come over a socket: each is answered once, with a result or an error, and none of them
 * ends the process. A session is loaded only where a call asks for it.
 */
import { CatamaranError } from '../errors.ts'
import type { Shake } from '../sockets/handshake.ts'
import type { createIo } from '../sockets/server.ts'
import type { UnderWay } from '../sockets/under-way.ts'
import type { RpcFiles } from './socketstream-files.ts'
import { type RpcAnswer, type RpcRequest, type RpcStepMaker, runCall } from './socketstream-rpc.ts'
import type { SessionPart } from './socketstream-session.ts'

type Socket = Parameters<Parameters<typeof createIo>[1]['onConnection']>[0]

/** Where errors that a client does not see go, and advice. */
export interface Log {
  error(said: unknown): void
  warn(said: string): void
}

/** The event of a call: `socket.emit('rpc', 'app.square', 5, (result) => …)`. */
const callEvent = 'rpc'
/** Calls that one socket may have under way. */
const mostUnderWay = 100

interface Ground {
  readonly files: RpcFiles
  readonly session: SessionPart
  readonly ss: object
  readonly log: Log
  /** All calls that are not yet answered. */
  readonly underWay: UnderWay
}

/** Answers the calls of one socket. */
export function serveCalls(socket: Socket, shake: Shake, ground: Ground): void {
  const own = stepsFor(ground, socket, shake)
  let running = 0

  socket.on(callEvent, (...given: unknown[]) => {
    const last = given.at(-1)
    const acknowledge = typeof last === 'function' ? (last as RpcAnswer) : undefined
    const [method, ...params] = acknowledge ? given.slice(0, -1) : given
    const answer = answerOnce(acknowledge, socket, ground)
    if (running >= mostUnderWay) {
      const error = new CatamaranError('E_RPC_MANY', [`${mostUnderWay}`])
      return answer({ error: faultOf(error) })
    }
    running += 1
    // Of anything else even its text may fail.
    const name = typeof method === 'string' ? method : typeof method
    const request = requestOf(name, socket, shake)
    runCall(ground.files, { request, params, own, ss: ground.ss, answer })
      .catch((error: unknown) => {
        if (!(error instanceof CatamaranError)) ground.log.error(error)
        answer({ error: faultOf(error) })
      })
      .finally(() => {
        running -= 1
        // Nobody waits for what its callbacks may answer later.
        if (!acknowledge) answer()
      })
  })
  socket.on('disconnect', () => ground.underWay.forget(socket))
}

/** An action may answer out of a callback, where nobody would catch that a result can't be sent. */
function answerOnce(
  acknowledge: RpcAnswer | undefined,
  socket: Socket,
  { log, underWay }: Ground,
): RpcAnswer {
  let done = false
  underWay.begin(socket)
  return (...results) => {
    if (done) return
    done = true
    try {
      acknowledge?.(...results)
    } catch (error) {
      log.error(error)
      acknowledge?.({ error: faultOf(error) })
    }
    underWay.end(socket)
  }
}

function requestOf(
  method: string,
  socket: Socket,
  { identity, ip }: Shake,
): Omit<RpcRequest, 'use' | 'params'> {
  const client = { socketId: socket.id, clientIp: ip, transport: 'socketio' as const }
  return { method, sessionId: identity.id, ...client }
}

/** The steps that come with us; only `session` asks the store, at each call anew. */
function stepsFor(
  { session, log }: Ground,
  socket: Socket,
  { identity }: Shake,
): Record<string, RpcStepMaker> {
  return {
    session: (options) => async (req, _res, next) => {
      const { headers } = socket.request
      const request = Object.assign(req, { headers, socket: socket.request.socket })
      // The id is the socket's for as long as it lives: it has no cookie to send.
      await session.engine().sessions.resume(request as never, { identity, owner: socket })
      if (Object(options).debug) log.warn(`session: ${JSON.stringify(req.session)}`)
      next()
    },
    debug: () => (req, _res, next) => {
      log.warn(`rpc: ${req.method} ${JSON.stringify(req.params)}`)
      next()
    },
  }
}

/** Clients see what is meant for them, and never a stack. */
function faultOf(error: unknown): { code: string; message: string } {
  if (error instanceof CatamaranError) return { code: error.code, message: error.message }
  return { code: 'E_SERVER', message: 'Internal Server Error' }
}
