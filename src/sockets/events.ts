/**
 * Events of an app's own: `'ON chat:message'` in `config/routes`. What was sent is the body, and what the
 * action returns is the acknowledgement, as it is.
 */
import { statusText } from '../errors.ts'
import { codeOf } from '../routing/failures.ts'
import type { Ack } from './answer.ts'
import type { Message } from './message.ts'

/** What an event is acknowledged with when it failed. */
export interface EventFailure {
  readonly error: {
    readonly status: number
    readonly code: string
    readonly message: string
    /** What the action answered beside its status. */
    readonly data?: unknown
  }
}

/** The message of an event: its one argument, a list of several. */
export function eventMessage(path: string, given: readonly unknown[]): Message {
  return { url: path, body: given.length > 1 ? given : given[0], headers: undefined }
}

/** The value an event is acknowledged with: what was answered, or an error where its status is one. */
export function eventAnswer({ statusCode: status, body }: Ack): unknown {
  if (status < 400) return body
  const { code, message } = Object(body) as Record<string, unknown>
  if (typeof code === 'string' && typeof message === 'string') {
    return { error: { status, code, message } } satisfies EventFailure
  }
  const isText = typeof body === 'string'
  const words = isText ? body : statusText(status)
  const data = isText || body === undefined ? {} : { data: body }
  return { error: { status, code: codeOf(status), message: words, ...data } }
}
