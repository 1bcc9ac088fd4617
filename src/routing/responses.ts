/**
 * The standard responses of an action's `res`, the same on both doors: `res.ok()`, `res.notFound()`, …
 */
import type { Response } from 'express'
import { CatamaranError, type ErrorCode, errorTable } from '../errors.ts'
import {
  type Disclosure,
  describeError,
  type Failure,
  hasJson,
  sendFailure,
  sendText,
} from './failures.ts'

declare global {
  // Express leaves this interface open for exactly this.
  namespace Express {
    interface Response {
      /** 200 with the data, or with the text `OK`. */
      ok(data?: unknown): this
      /** 201 with the data, or with the text `Created`. */
      created(data?: unknown): this
      /** 400 with the data, or with `E_BAD_REQUEST`. */
      badRequest(data?: unknown): this
      /** 401 with the data, or with `E_UNAUTHORIZED`. */
      unauthorized(data?: unknown): this
      /** 403 with the data, or with `E_FORBIDDEN`. */
      forbidden(data?: unknown): this
      /** 404 with the data, or with `E_NOT_FOUND`. */
      notFound(data?: unknown): this
      /** 409 with the data, or with `E_CONFLICT`. */
      conflict(data?: unknown): this
      /** 500 with the data or the error; in production always with `E_SERVER` alone. */
      serverError(data?: unknown): this
      /** A page by the engine of `config/views`; over a socket 500. */
      view(name: string, values?: object): void
    }
  }
}

const successes = { ok: [200, 'OK'], created: [201, 'Created'] } as const

const failures = {
  badRequest: 'E_BAD_REQUEST',
  unauthorized: 'E_UNAUTHORIZED',
  forbidden: 'E_FORBIDDEN',
  notFound: 'E_NOT_FOUND',
  conflict: 'E_CONFLICT',
  serverError: 'E_SERVER',
} as const satisfies Readonly<Record<string, ErrorCode>>

/** The name of a standard response, for `{ response: 'notFound' }` in `config/routes`. */
export type ResponseName = keyof typeof successes | keyof typeof failures

/** Whether a text names a standard response. */
export function isResponseName(name: string): name is ResponseName {
  return Object.hasOwn(successes, name) || Object.hasOwn(failures, name)
}

/** All standard responses by name. */
export const responseNames: readonly string[] = [
  ...Object.keys(successes),
  ...Object.keys(failures),
]

/** Gives an Express app's own `app.response` the standard responses; never the one all apps share. */
export function installResponses(prototype: object, disclosure: Disclosure): void {
  for (const [name, [status, text]] of Object.entries(successes)) {
    install(prototype, name, (res, data) =>
      data === undefined
        ? sendText(res.status(status), text)
        : sendData(res.status(status), data, disclosure),
    )
  }
  for (const [name, code] of Object.entries(failures)) {
    install(prototype, name, (res, data) => fail(res, { code, data, disclosure }))
  }
  // Replaced where there is an engine.
  install(prototype, 'view', () => {
    throw new CatamaranError('E_NO_VIEWS')
  })
}

function install(
  prototype: object,
  name: string,
  send: (res: Response, data: unknown) => Response,
) {
  const value = function (this: Response, data?: unknown): Response {
    return send(this, data)
  }
  Object.defineProperty(prototype, name, { value, writable: true, configurable: true })
}

interface Refusal {
  readonly code: ErrorCode
  readonly data: unknown
  readonly disclosure: Disclosure
}

function fail(res: Response, { code, data, disclosure }: Refusal): Response {
  const { status, text, hint } = errorTable[code]
  const { production, sails } = disclosure
  // In Sails these two are plain, whatever they are given.
  const isPlain = sails && (status === 403 || status === 404)
  if (data === undefined || isPlain || (status === 500 && production)) {
    const shown = production ? undefined : hint
    return sendFailure(res, { status, code, message: text, hint: shown, plain: text })
  }
  if (data instanceof Error && !(sails && !production && hasJson(data)))
    return sendFailure(res, failureOf(data, { code, disclosure }))
  return sendData(res.status(status), data, disclosure)
}

/** The response says the status and, for errors that are not ours, the code; the error says the rest. */
function failureOf(error: Error, { code, disclosure }: Omit<Refusal, 'data'>): Failure {
  const seen = describeError(error, disclosure, errorTable[code].status)
  return error instanceof CatamaranError ? seen : { ...seen, code }
}

/** Texts go as texts; in Sails they are JSON, too. */
function sendData(res: Response, data: unknown, { sails }: Disclosure): Response {
  return typeof data === 'string' && !sails ? sendText(res, data) : res.json(data)
}
