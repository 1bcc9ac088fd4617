/**
 * What the server's acknowledgements mean: an answer, or an error.
 */
import type { Answer } from './contract.ts'

/** Why a request failed: the answer's status from 400, or 0 when there was no answer. */
export class RequestError extends Error {
  readonly status: number
  /** The server's, or `E_TIMEOUT`, `E_DISCONNECTED`, `E_QUEUE_FULL`. */
  readonly code: string
  readonly body: unknown

  constructor(status: number, code: string, message: string, body?: unknown) {
    super(message)
    this.name = 'RequestError'
    this.status = status
    this.code = code
    this.body = body
  }
}

type Ack = { statusCode?: number; headers?: Record<string, unknown>; body?: unknown }

/** @throws {RequestError} when the status is 400 or above */
export function answerOf<T>(ack: unknown): Answer<T> {
  const { statusCode: status = 0, headers = {}, body } = Object(ack) as Ack
  if (status > 0 && status < 400) return { status, headers, body: body as T }
  // A request that can't be read is answered without a body.
  const { code, message } = Object(body === undefined ? ack : body) as Record<string, unknown>
  const words = message ?? (typeof body === 'string' ? body : `status ${status}`)
  throw new RequestError(status, String(code ?? 'E_ANSWER'), String(words), body)
}

/**
 * The value an event was acknowledged with.
 *
 * @throws {RequestError} when it is an error as the server writes it
 */
export function ackOf<T>(ack: unknown): T {
  const { error, statusCode } = Object(ack) as { error?: Record<string, unknown> } & Ack
  if (typeof error?.['code'] === 'string' && typeof error['status'] === 'number') {
    throw new RequestError(error['status'], error['code'], String(error['message']), error['data'])
  }
  if (statusCode === 404) throw new RequestError(404, 'E_NOT_FOUND', 'There is no such event')
  return ack as T
}

/** Whether a request was not run, because its session had ended before. */
export function isRefusal(ack: unknown): boolean {
  const { statusCode, body, error } = Object(ack)
  return (
    (statusCode === 401 && body?.code === 'E_SESSION_ENDED') || error?.code === 'E_SESSION_ENDED'
  )
}
