/**
 * Handshakes without a client library: what a browser sends, and exactly what comes back.
 */
import { randomBytes } from 'node:crypto'
import { type IncomingMessage, request as overHttp } from 'node:http'
import { request as overTls } from 'node:https'
import { text } from 'node:stream/consumers'

export type Transport = 'polling' | 'websocket'
export const transports: readonly Transport[] = ['polling', 'websocket']

export interface Handshake {
  readonly status: number | undefined
  /** One entry per line, even where a client would join them. */
  readonly setCookies: readonly string[]
  /** Engine.IO's own id; over polling only. */
  readonly sid: string | undefined
  readonly body: string
}

export interface HandshakeOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Goes on with a connection instead of beginning one. */
  readonly sid?: string | undefined
  /** Trusted beside the system's: the certificate of a test server. */
  readonly ca?: string | Buffer | undefined
}

/** Sends one handshake request to the app at `url`. */
export function shake(
  url: string,
  transport: Transport,
  { headers = {}, sid, ca }: HandshakeOptions = {},
): Promise<Handshake> {
  const address = new URL('/socket.io/', url)
  address.search = new URLSearchParams({ EIO: '4', transport, ...(sid && { sid }) }).toString()
  const upgrade = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
  }
  // A poll would wait for news; a post is answered at once.
  const posts = sid !== undefined && transport === 'polling'
  const request = address.protocol === 'https:' ? overTls : overHttp
  const outgoing = request(address, {
    method: posts ? 'POST' : 'GET',
    headers: { ...headers, ...(transport === 'websocket' && upgrade) },
    agent: false,
    ca,
  })
  return new Promise((resolve, reject) => {
    outgoing.once('error', reject)
    outgoing.once('upgrade', (res, socket) => {
      socket.destroy()
      resolve(handshakeOf(res, ''))
    })
    outgoing.once('response', (res) => {
      text(res).then((body) => resolve(handshakeOf(res, body)), reject)
    })
    outgoing.end(posts ? '40' : undefined)
  })
}

function handshakeOf({ statusCode, rawHeaders }: IncomingMessage, body: string): Handshake {
  const setCookies = rawHeaders.filter((_, index) => {
    return index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'set-cookie'
  })
  return { status: statusCode, setCookies, sid: /"sid":"([^"]+)"/.exec(body)?.[1], body }
}
