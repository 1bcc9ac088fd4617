/**
 * The messages of Sails' protocol: event name, `{ url, data, headers }`, acknowledgement. Reads them
 * without trusting them.
 */
import { isHandshakeHeader } from './handshake.ts'

/** The events that are requests. */
export const verbs: ReadonlySet<string> = new Set([
  'get',
  'post',
  'put',
  'patch',
  'delete',
  'options',
  'head',
])

export interface Message {
  readonly url: string
  readonly body: unknown
  /** Lower-case; none that only the handshake can say. `undefined` when the message has none. */
  readonly headers: Readonly<Record<string, string>> | undefined
}

/** What a client gets for a message that is no request. */
export interface ParseFault {
  readonly code: 'SAILS:HOOK:SOCKETS:PARSE_VIRTUAL_REQ'
  readonly name: 'Error'
  readonly status: 400
  readonly statusCode: 400
  readonly message: string
  readonly details: string
}

/** As much as Node takes over HTTP. */
const longestUrl = 16_384

/** Reads a message; a text says what is wrong with it. */
export function readMessage(given: unknown): Message | string {
  if (!isObject(given)) return 'the message must be an object such as { url: "/path" }'
  const { url, data, params, headers } = given
  if (typeof url !== 'string' || url === '') return 'the message has no `url`, or it is no text'
  if (url.length > longestUrl) return `the url has more than ${longestUrl} characters`
  if (hasControls(url)) return 'the url has a line break or another control character'
  return { url: pathOf(url), body: bodyOf(data, params), headers: headersOf(headers) }
}

/** The answer to a message that can't be read. */
export function parseFault(details: string): ParseFault {
  return {
    code: 'SAILS:HOOK:SOCKETS:PARSE_VIRTUAL_REQ',
    name: 'Error',
    status: 400,
    statusCode: 400,
    message: 'Failed to parse incoming socket.io request.',
    details,
  }
}

/** Absolute URLs are routed by their path. */
function pathOf(url: string): string {
  const path = url.replace(/^[a-z][a-z+.-]*:\/\/[^/?#]*/i, '')
  return /^[^?#]/.test(path) ? path : `/${path}`
}

function hasControls(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code < 32 || code === 127) return true
  }
  return false
}

/** Lists and plain values come as they are; of objects `data` wins over `params`, as in Sails. */
function bodyOf(data: unknown, params: unknown): unknown {
  if (Array.isArray(data) || (data !== undefined && data !== null && !isObject(data))) return data
  return { ...(isObject(params) && params), ...(isObject(data) && data) }
}

function headersOf(given: unknown): Record<string, string> | undefined {
  if (!isObject(given)) return undefined
  const pairs = Object.entries(given)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name, value]) => value !== undefined && !isHandshakeHeader(name))
  return Object.fromEntries(pairs.map(([name, value]) => [name, textOf(value)]))
}

/** `String` would call the message's own `toString`, and JSON has no end on deep ones. */
function textOf(value: unknown): string {
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object'))
    return value.join(',')
  return typeof value === 'object' && value !== null ? '[object Object]' : String(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)
  )
}
