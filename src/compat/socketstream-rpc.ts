/**
 * Remote calls: finds the action a name means, runs the request middleware that its file asks for, then
 * the action. Knows no transport.
 */
import { CatamaranError } from '../errors.ts'
import { isResult } from '../routing/handler.ts'
import type { RpcFiles } from './socketstream-files.ts'
import type { StreamSession } from './socketstream-session.ts'

/** A call as its action sees it. */
export interface RpcRequest {
  readonly method: string
  readonly params: readonly unknown[]
  readonly socketId: string
  /** The id of the socket's session; its data come by `req.use('session')`. */
  readonly sessionId: string
  readonly clientIp: string | undefined
  readonly transport: 'socketio'
  session?: StreamSession
  /** Adds a step before the action: `session`, `debug`, one of `server/middleware`, or a function. */
  use(step: string | RpcStep, ...given: unknown[]): void
}

export type RpcStep = (req: RpcRequest, res: RpcAnswer, next: () => void) => unknown
/** Gives the result to the client. */
export type RpcAnswer = (...results: unknown[]) => void
/** Makes a step, given what stands behind its name in `req.use(name, …)`. */
export type RpcStepMaker = (...given: unknown[]) => RpcStep

export interface Call {
  readonly request: Omit<RpcRequest, 'use' | 'params'>
  readonly params: readonly unknown[]
  /** Steps that come with us, by name. */
  readonly own: Readonly<Record<string, RpcStepMaker>>
  /** What actions and files are given as `ss`. */
  readonly ss: object
  readonly answer: RpcAnswer
}

type Exports = (req: RpcRequest, res: RpcAnswer, ss: object) => Record<string, unknown>

/**
 * Runs one call. What the action returns is the result, unless that is nothing, or what some call gave
 * back, as in `return req.session.save(callback)`: then it answers by `res`.
 *
 * @throws {CatamaranError} `E_RPC_NAME` for a name that means nothing; and whatever the steps or the action throw
 */
export async function runCall(files: RpcFiles, call: Call): Promise<void> {
  const { ss, params, answer } = call
  const { method } = call.request
  const dot = method.lastIndexOf('.')
  const make = files.actions.get(method.slice(0, Math.max(dot, 0)))
  if (dot < 1 || !make) throw new CatamaranError('E_RPC_NAME', [`action ${method}`])

  const steps: RpcStep[] = []
  const request = call.request as RpcRequest
  Object.assign(request, {
    params,
    use(step: string | RpcStep, ...given: unknown[]) {
      steps.push(typeof step === 'function' ? step : stepOf(files, call, step)(...given))
    },
  })
  const actions = (make as Exports)(request, answer, ss)
  const name = method.slice(dot + 1)
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined
  if (typeof action !== 'function') throw new CatamaranError('E_RPC_NAME', [`action ${method}`])

  for (const step of steps) if (!(await goesOn(step, request, answer))) return
  const result: unknown = await action.apply(actions, params)
  if (result !== undefined && isResult(result)) answer(result)
}

function stepOf({ middleware }: RpcFiles, { own }: Call, name: string): RpcStepMaker {
  const make = Object.hasOwn(own, name) ? own[name] : (middleware.get(name) as RpcStepMaker)
  if (!make) throw new CatamaranError('E_RPC_NAME', [`request middleware ${name}`])
  return make
}

/** A step ends the call by answering instead of calling `next`. */
function goesOn(step: RpcStep, request: RpcRequest, answer: RpcAnswer): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const answerAndEnd: RpcAnswer = (...results) => {
      answer(...results)
      resolve(false)
    }
    Promise.resolve()
      .then(() => step(request, answerAndEnd, () => resolve(true)))
      .catch(reject)
  })
}
