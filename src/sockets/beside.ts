/**
 * Speaks to the nodes of an app from a process beside them, such as the command line.
 */
import { Server } from 'socket.io'
import { openAdapter, type Place } from './adapter.ts'
import { cleared } from './nodes.ts'

/**
 * Tells all nodes that the sessions of their store have ended: each asks the store about those its sockets
 * stand on. Does nothing where no adapter leads to them.
 *
 * @throws {CatamaranError} `E_SOCKET_ADAPTER`, `E_ADAPTER_MISSING`, `E_STORE_OPTIONS`
 */
export async function tellCleared(config: Place, warn: (message: string) => void): Promise<void> {
  const adapter = await openAdapter({ config, warn, onBack() {} })
  if (!adapter) return
  const io = new Server()
  io.adapter(adapter.create as Parameters<Server['adapter']>[0])
  io.serverSideEmit(cleared)
  await adapter.close?.()
}
