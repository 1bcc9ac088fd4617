/**
 * A load process: keep-alive connections that each send the next request when the answer to the last one is
 * there. Reads no more of an answer than where it ends, to take little of the machine.
 */
import { connect, type Socket } from 'node:net'

export interface LoadOrder {
  readonly port: number
  readonly path: string
  /** Cookie headers; each connection sends those of its visitors by turns. */
  readonly cookies: readonly string[]
  /** Requests of all connections together. */
  readonly requests: number
}

export interface Loaded {
  /** Answers that were not 200. */
  readonly bad: number
  /** The `Set-Cookie` of each answer that had one, up to its first `;`. */
  readonly cookies: readonly string[]
}

process.on('message', async (order: LoadOrder) => {
  const rest = stayAwake()
  process.send?.(await run(order))
  rest()
})
process.once('disconnect', () => process.exit())
process.send?.('ready')

/**
 * Keeps the event loop turning: a load that sleeps has to be woken by each answer, and what that takes would
 * count as the server's. Clients on other machines are not woken by it.
 */
function stayAwake(): () => void {
  let next = setImmediate(function turn() {
    next = setImmediate(turn)
  })
  return () => clearImmediate(next)
}

/** At most; one visitor is served by one of them. */
const mostConnections = 16

async function run({ port, path, cookies, requests }: LoadOrder): Promise<Loaded> {
  let left = requests
  const take = () => left-- > 0
  const count = Math.min(cookies.length, mostConnections)
  const shares = Array.from({ length: count }, (_, line) =>
    cookies.filter((_, at) => at % count === line),
  )
  const lines = await Promise.all(shares.map((share) => converse({ port, path, share }, take)))
  return {
    bad: lines.reduce((sum, { bad }) => sum + bad, 0),
    cookies: lines.flatMap((line) => line.cookies),
  }
}

interface Line {
  bad: number
  readonly cookies: string[]
}

/** Asks until `take` says that enough was asked. */
function converse(
  { port, path, share }: { port: number; path: string; share: readonly string[] },
  take: () => boolean,
): Promise<Line> {
  const texts = share.map((cookie) => {
    const line = cookie && `Cookie: ${cookie}\r\n`
    return `GET ${path} HTTP/1.1\r\nHost: bench\r\n${line}\r\n`
  })
  const line: Line = { bad: 0, cookies: [] }
  let turn = 0
  const { promise, resolve, reject } = Promise.withResolvers<Line>()
  const socket = connect(port, '127.0.0.1', next).setEncoding('latin1').setNoDelay()
  let held = ''

  function next(): void {
    if (take()) socket.write(texts[turn++ % texts.length] ?? '')
    else finish(socket, () => resolve(line))
  }

  socket.on('data', (part: string) => {
    held += part
    if (!isWhole(held)) return
    if (!held.startsWith('HTTP/1.1 200')) line.bad += 1
    const cookie = /set-cookie: ([^;\r]+)/i.exec(held)?.[1]
    if (cookie) line.cookies.push(cookie)
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
