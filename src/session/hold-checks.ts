/**
 * What Node checks at the call of `writeHead` and `write`, done at once for an answer on hold: in the
 * replay there would be nobody to catch it.
 */
import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** writeHead's headers count at once; whether the code is valid Node says at once too. */
export function applyHead(res: ServerResponse, args: readonly unknown[]): void {
  const [code, reason] = args
  const headers = typeof reason === 'string' ? args[2] : (reason ?? args[2])
  const status = Number(code) | 0
  if (status < 100 || status > 999)
    throw nodeError(RangeError, 'ERR_HTTP_INVALID_STATUS_CODE', `Invalid status code: ${code}`)
  res.statusCode = status
  if (typeof reason === 'string') res.statusMessage = reason
  for (const [name, value] of headerEntries(headers)) res.setHeader(name, value)
}

function headerEntries(headers: unknown): [string, OutgoingHttpHeader][] {
  if (!headers) return []
  if (!Array.isArray(headers)) {
    const given = Object.entries(headers as OutgoingHttpHeaders)
    return given.filter((pair): pair is [string, OutgoingHttpHeader] => pair[1] !== undefined)
  }
  const pairs: [string, OutgoingHttpHeader][] = []
  for (let index = 0; index < headers.length; index += 2) {
    pairs.push([String(headers[index]), headers[index + 1] as OutgoingHttpHeader])
  }
  return pairs
}

/** Refuses what can't be written, with Node's own error. */
export function refuseChunk(chunk: unknown): void {
  if (typeof chunk === 'string' || chunk instanceof Uint8Array) return
  if (chunk === null) {
    throw nodeError(TypeError, 'ERR_STREAM_NULL_VALUES', 'May not write null values to stream')
  }
  const given = chunk === undefined ? 'undefined' : typeof chunk
  throw nodeError(
    TypeError,
    'ERR_INVALID_ARG_TYPE',
    `The "chunk" argument must be of type string or an instance of Buffer or Uint8Array. Received ${given}`,
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
