/**
 * One translation of whatever was thrown into an answer, for both doors: what the caller may know of it.
 * Logs nothing; that is the walk's.
 */
import type { Request, Response } from 'express'
import { CatamaranError, statusText } from '../errors.ts'
import { errorPage } from './page.ts'

/** A failure as a caller may see it. */
export interface Failure {
  readonly status: number
  readonly code: string
  readonly message: string
  /** For the person who mends it; not in production. */
  readonly hint?: string | undefined
  /** The whole body over a socket, where Sails' clients expect a text. */
  readonly plain?: string | undefined
}

/** Whether the app runs in production, where callers learn no more than they need. */
export interface Disclosure {
  readonly production: boolean
  /** The Sails profile, whose clients know a few more plain texts. */
  readonly sails?: boolean
}

/** Whether the app answers its errors by an `api/responses/serverError` of its own. */
export interface OwnAnswer {
  readonly hasServerError?: boolean
}

/** Answers `req` for an error; gives the status it stands for, sent or not. Never throws. */
export type AnswerError = (error: unknown, req: Request, res: Response) => number

/** Makes the function that answers errors; log what it was given when the status is 500 or above. */
export function createErrorAnswer(disclosure: Disclosure & OwnAnswer): AnswerError {
  return (error, req, res) => {
    try {
      const failure = describeError(error, disclosure)
      if (res.headersSent) breakOff(req, res)
      else if (
        failure.status === 500 &&
        (disclosure.hasServerError || isData(error, req, disclosure))
      ) {
        withoutContentHeaders(res).status(500).serverError(error)
      } else sendFailure(withHeadersOf(error, withoutContentHeaders(res)), failure)
      return failure.status
    } catch {
      breakOff(req, res)
      return 500
    }
  }
}

/**
 * In Sails what is thrown and no error is answered as data over a socket, and so is an error that says
 * its JSON.
 */
function isData(error: unknown, req: Request, { sails }: Disclosure): boolean {
  return Boolean(sails && req.isSocket && (hasJson(error) || read(error, 'stack') === undefined))
}

/** Whether an error says itself what its JSON is. */
export function hasJson(error: unknown): boolean {
  return typeof read(error, 'toJSON') === 'function'
}

/** What a caller may know of anything that was thrown; `status` overrules the error's own. */
export function describeError(
  error: unknown,
  { production, sails }: Disclosure,
  status = statusOf(error),
): Failure {
  const own = error instanceof CatamaranError
  if (own && sails && error.code === 'E_BAD_URL') return { ...undecodable, code: error.code }
  const plain = plainOf(error, status, { production, sails: sails === true })
  if (own) {
    const { code, message, hint } = error
    return { status, code, message, hint: production ? undefined : hint, plain }
  }
  const shown = !production || (status < 500 && read(error, 'expose') === true)
  return {
    status,
    code: codeOf(status),
    message: shown ? wordsOf(error, status) : statusText(status),
    plain,
  }
}

function plainOf(error: unknown, status: number, { production, sails }: Disclosure) {
  const own = error instanceof CatamaranError
  // Sails says no more of what its guards refuse.
  if (own && sails && status === 403) return statusText(status)
  if (status !== 500 && (own || !sails)) return undefined
  return production ? statusText(status) : stackOf(error, status)
}

const undecodable = {
  status: 400,
  message: 'The address cannot be decoded',
  plain: 'Bad request: Could not decode requested URL.',
}

/** Sends a failure: a text or JSON over a socket, JSON or a page over HTTP. */
export function sendFailure(res: Response, failure: Failure): Response {
  const { status, code, message, hint, plain } = failure
  res.status(status)
  if (status === 503) res.set('Retry-After', '2')
  if (res.req.isSocket && plain !== undefined) return sendText(res, plain)
  if (!res.req.isSocket) res.vary('Accept')
  if (res.req.wantsJSON) return res.json(hint ? { code, message, hint } : { code, message })
  return res.type('html').send(errorPage({ status, title: message, hint }))
}

/** Sends a text as a text; over HTTP Express alone would call it HTML. */
export function sendText(res: Response, text: string): Response {
  if (res.req.isSocket) return res.send(text)
  return res.type('text/plain').send(text)
}

/** The half-sent answer must not look whole: HTTP loses the connection, a socket gets what there is. */
function breakOff(req: Request, res: Response): void {
  try {
    if (res.writableEnded) return
    if (req.isSocket) res.end()
    else res.destroy()
  } catch {
    // There is nobody left to tell.
  }
}

const aboutContent =
  /^(cache-control|content-(disposition|encoding|language|length|range|type)|etag|expires|last-modified|location)$/

/** The action spoke of an answer that now isn't sent; security headers and cookies stay. */
function withoutContentHeaders(res: Response): Response {
  for (const name of res.getHeaderNames()) if (aboutContent.test(name)) res.removeHeader(name)
  return res
}

const codes: Readonly<Record<number, string>> = {
  401: 'E_UNAUTHORIZED',
  403: 'E_FORBIDDEN',
  404: 'E_NOT_FOUND',
  409: 'E_CONFLICT',
  429: 'E_TOO_MANY',
}

/** The code of a failure that only has a status. */
export function codeOf(status: number): string {
  return status >= 500 ? 'E_SERVER' : (codes[status] ?? 'E_BAD_REQUEST')
}

/** Errors of http-errors, body-parser and Express say their status themselves. */
function statusOf(error: unknown): number {
  const status = read(error, 'status') ?? read(error, 'statusCode') ?? statusOfUpload(error)
  const fits = typeof status === 'number' && Number.isInteger(status)
  return fits && status >= 400 && status < 600 ? status : 500
}

/** Those of multer say only which of its limits was passed. */
function statusOfUpload(error: unknown): number | undefined {
  const code = read(error, 'name') === 'MulterError' ? read(error, 'code') : undefined
  if (code === 'LIMIT_UNEXPECTED_FILE' || code === 'MISSING_FIELD_NAME') return 400
  return code === undefined ? undefined : 413
}

/**
 * Sets what an error with a status wants said beside it, as in Express: 416 tells how long the file is.
 * What can't be sent is left out: the answer matters more.
 */
function withHeadersOf(error: unknown, res: Response): Response {
  const headers = read(error, 'status') === undefined ? undefined : read(error, 'headers')
  const given = typeof headers === 'object' ? Object.entries(headers ?? {}) : []
  for (const [name, value] of given) {
    try {
      res.set(name, value)
    } catch {
      // Node has refused the name or the value.
    }
  }
  return res
}

function wordsOf(error: unknown, status: number): string {
  const message = read(error, 'message')
  if (typeof message === 'string') return message
  return typeof error === 'object' ? statusText(status) : String(error)
}

function stackOf(error: unknown, status: number): string {
  const stack = read(error, 'stack')
  return typeof stack === 'string' ? stack : wordsOf(error, status)
}

function read(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
