/**
 * What Node checks at the call of `writeHead`, `write` and `end`, done at once for an answer on hold: in
 * the replay there would be nobody to catch it.
 */
import type { OutgoingHttpHeader, ServerResponse } from 'node:http'

/** writeHead's status and headers count at once, and are checked at once. */
export function applyHead(res: ServerResponse, args: readonly unknown[]): void {
  const [code, reason] = args
  res.statusCode = codeOf(code)
  if (typeof reason === 'string') {
    refuseMessage(reason)
    res.statusMessage = reason
  }
  applyHeaders(res, typeof reason === 'string' ? args[2] : (reason ?? args[2]))
}

function applyHeaders(res: ServerResponse, headers: unknown): void {
  if (typeof headers !== 'object' || headers === null) return
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
    return
  }
  // A list may name a header twice; it replaces what was set before.
  const flat: unknown[] = Array.isArray(headers[0]) ? headers.flat() : headers
  const names = flat.filter((_, index) => index % 2 === 0).map(String)
  for (const name of names) res.removeHeader(name)
  names.forEach((name, index) => {
    res.appendHeader(name, flat[index * 2 + 1] as OutgoingHttpHeader & string)
  })
}

/** Refuses a status line that can't be sent; HTTP/2 has no message and looks at the code itself. */
export function refuseStatus(res: ServerResponse): void {
  codeOf(res.statusCode)
  if (Object.hasOwn(res, 'statusMessage')) refuseMessage(res.statusMessage)
}

/** Reads a status as Node does, which takes texts and fractions. */
function codeOf(given: unknown): number {
  const status = Number(given) | 0
  if (status >= 100 && status <= 999) return status
  throw nodeError(RangeError, 'ERR_HTTP_INVALID_STATUS_CODE', `Invalid status code: ${given}`)
}

function refuseMessage(text: unknown): void {
  if (!/[^\t\x20-\x7e\x80-\xff]/.test(String(text))) return
  throw nodeError(TypeError, 'ERR_INVALID_CHAR', 'Invalid character in statusMessage')
}

/** Refuses what can't be written, with Node's own error. */
export function refuseChunk([chunk, encoding]: readonly unknown[]): void {
  if (typeof chunk === 'string') {
    if (typeof encoding !== 'string' || Buffer.isEncoding(encoding)) return
    throw nodeError(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${encoding}`)
  }
  if (chunk instanceof Uint8Array) return
  if (chunk === null) {
    throw nodeError(TypeError, 'ERR_STREAM_NULL_VALUES', 'May not write null values to stream')
  }
  throw nodeError(
    TypeError,
    'ERR_INVALID_ARG_TYPE',
    `The "chunk" argument must be of type string or an instance of Buffer or Uint8Array. Received ${typeof chunk}`,
  )
}

export function headersSent(verb: string): Error {
  const message = `Cannot ${verb} headers after they are sent to the client`
  return nodeError(Error, 'ERR_HTTP_HEADERS_SENT', message)
}

function nodeError(
  kind: ErrorConstructor | TypeErrorConstructor | RangeErrorConstructor,
  code: string,
  message: string,
) {
  return Object.assign(new kind(message), { code })
}
