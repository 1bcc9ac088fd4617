/**
 * One request exactly as it is written: no normalised path, no followed redirect, no header added.
 */
import { once } from 'node:events'
import { type IncomingMessage, request as overHttp, type RequestOptions } from 'node:http'
import { request as overTls } from 'node:https'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Asked extends RequestOptions {
  readonly body?: string | Buffer
  /** Trusted beside the system's: the certificate of a test server. */
  readonly ca?: string | Buffer
}

/** Sends it and reads the whole answer. */
export async function ask(
  url: string,
  path: string,
  { body, ...asked }: Asked = {},
): Promise<Answer> {
  const { protocol, hostname, port } = new URL(url)
  const request = (protocol === 'https:' ? overTls : overHttp)({ hostname, port, path, ...asked })
  request.end(body)
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) }
}

/** Sends bytes no HTTP client would send; gives all that comes back until the connection ends. */
export async function askRaw(url: string, lines: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), 'localhost')
  // Half-open is no end to a server: some answer later than the request has ended.
  socket.write(lines)
  return text(socket)
}

/** What real browsers say they want when somebody types an address. */
export const chrome = {
  accept:
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7',
}
