/**
 * A TCP line to a server of 127.0.0.1 that loses an answer when told to.
 */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** Opens a line that can be cut after a command has gone through, before its answer comes back. */
export async function startCuttableLine(port: number) {
  let cutting = false
  let cuts = 0
  const line = createServer((client) => {
    const server = connect(port, '127.0.0.1')
    client.pipe(server)
    server.on('data', (data) => {
      if (!cutting) return client.write(data)
      cutting = false
      cuts += 1
      return client.destroy()
    })
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
    }
  }).listen(0, '127.0.0.1')
  await once(line, 'listening')
  const address = line.address()
  return {
    port: typeof address === 'object' ? address?.port : undefined,
    cuts: () => cuts,
    close: () => line.close(),
    cutNextAnswer() {
      cutting = true
    },
  }
}
