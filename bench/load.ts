/**
 * A load process: keep-alive connections that each send the next request when the answer to the last one is
 * there. Reads no more of an answer than where it ends, to take little of the machine.
 */
import { connect, type Socket } from 'node:net'

export interface LoadOrder {
  readonly port: number
  readonly path: string
  /** One cookie header for each connection. */
  readonly cookies: readonly string[]
  /** Requests of all connections together. */
  readonly requests: number
}

export interface Loaded {
  /** Answers that were not 200. */
  readonly bad: number
  /** The `Set-Cookie` of each connection's last answer, up to its first `;`. */
  readonly cookies: readonly string[]
}

process.on('message', async (order: LoadOrder) => {
  process.send?.(await run(order))
})
process.once('disconnect', () => process.exit())
process.send?.('ready')

async function run({ port, path, cookies, requests }: LoadOrder): Promise<Loaded> {
  let left = requests
  const take = () => left-- > 0
  const lines = await Promise.all(cookies.map((cookie) => converse({ port, path, cookie }, take)))
  return {
    bad: lines.reduce((sum, { bad }) => sum + bad, 0),
    cookies: lines.map(({ cookie }) => cookie),
  }
}

interface Line {
  bad: number
  cookie: string
}

/** Asks until `take` says that enough was asked. */
function converse(
  { port, path, cookie }: { port: number; path: string; cookie: string },
  take: () => boolean,
): Promise<Line> {
  const text = `GET ${path} HTTP/1.1\r\nHost: bench\r\n${cookie && `Cookie: ${cookie}\r\n`}\r\n`
  const line: Line = { bad: 0, cookie: '' }
  const { promise, resolve, reject } = Promise.withResolvers<Line>()
  const socket = connect(port, '127.0.0.1', next).setEncoding('latin1').setNoDelay()
  let held = ''

  function next(): void {
    if (take()) socket.write(text)
    else finish(socket, () => resolve(line))
  }

  socket.on('data', (part: string) => {
    held += part
    if (!isWhole(held)) return
    if (!held.startsWith('HTTP/1.1 200')) line.bad += 1
    line.cookie = /set-cookie: ([^;\r]+)/i.exec(held)?.[1] ?? line.cookie
    held = ''
    next()
  })
  socket.on('error', reject)
  return promise
}

/** Answers come with their length. */
function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const [, length] = /content-length: (\d+)/i.exec(text) ?? []
  return length !== undefined && text.length >= end + 4 + Number(length)
}

function finish(socket: Socket, done: () => void): void {
  socket.end(done)
}
