/**
 * A stand-in for MongoDB, for tests where there is none: `node main.ts --port 0 [--file log] [--user u
 * --password p] [--ttl seconds] [--key file --cert file]`. It speaks the wire protocol to the real driver
 * and does what a session store needs as a server that stands alone; what it does not know it refuses.
 * It is no MongoDB: no storage engine, replica set, transactions, planner or timing is like the real one.
 */
import { readFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { createServer as createSecureServer } from 'node:tls'
import { parseArgs } from 'node:util'
import type { Peer } from './auth.ts'
import { createCommands } from './commands.ts'
import { openCollections } from './log-file.ts'
import { createReader, reply } from './wire.ts'

const text = { type: 'string' } as const
const { values } = parseArgs({
  options: { port: text, file: text, user: text, password: text, ttl: text, key: text, cert: text },
})

const collections = openCollections(values.file)
const { user, password = '' } = values
const run = createCommands({
  collections,
  account: user === undefined ? undefined : { user, password },
  expireEvery,
})

let seconds = 0
let timer: NodeJS.Timeout | undefined

function expireEvery(next: number): number {
  const was = seconds
  seconds = next
  clearInterval(timer)
  timer = setInterval(collections.expire, next * 1000)
  return was
}

function serve(socket: Socket): void {
  const peer: Peer = { isIn: false }
  const read = createReader()
  socket.setNoDelay(true)
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    for (const message of read(chunk)) {
      if (!message) return socket.destroy()
      const { doc, after } = run(message.command, peer)
      const answer = () => {
        if (doc === 'cut') socket.destroy()
        else if (!message.silent && socket.writable) socket.write(reply(message, doc))
      }
      if (after > 0) setTimeout(answer, after)
      else answer()
    }
  })
}

expireEvery(Number(values.ttl ?? 60))
const server = values.key
  ? createSecureServer(
      { key: readFileSync(values.key), cert: readFileSync(values.cert ?? '') },
      serve,
    )
  : createServer(serve)
server.listen(Number(values.port ?? 0), '127.0.0.1', () => {
  console.log(JSON.stringify(server.address()))
})
