/**
 * What all servers of the bench do: tell their port, tell what CPU time they have used when they are asked,
 * and end when the channel is closed.
 */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Puts a server on a free port of 127.0.0.1, or says where one listens already.
 *
 * @param more - what else is told of it
 */
export async function serve(
  server: Server | { readonly port: number },
  more: object = {},
): Promise<void> {
  let port: number
  if ('port' in server) ({ port } = server)
  else {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    ;({ port } = server.address() as AddressInfo)
  }
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.(user + system)
  })
  process.once('disconnect', () => process.exit())
  process.send?.({ port, ...more })
}
