/**
 * What stands beside each other in a measurement: one server process each, and the load that is sent to it.
 */
import { fileURLToPath } from 'node:url'
import type { Loaded, LoadOrder } from './load.ts'
import type { PeerOrder } from './peers.ts'
import { type Helper, startHelper } from './process.ts'
import type { ServerOrder } from './server.ts'

/** What is compared, and how it is shown. */
export interface SideOrder extends Pick<ServerOrder, 'peer' | 'cookieParser'> {
  readonly name: string
  readonly root?: string
}

export interface Side {
  readonly name: string
  /** Sends requests and gives the **microseconds** of CPU time each took the server. */
  run(path: string, cookies: readonly string[], requests: number): Promise<number>
  /** Logs so many visitors in and gives their cookies. */
  logIn(path: string, visitors: number): Promise<readonly string[]>
  /** Heap bytes that the sessions put into the store take. */
  heapOfOthers(): Promise<number>
  close(): Promise<void>
}

/** This checkout. */
const ownRoot = fileURLToPath(new URL('..', import.meta.url))

export async function startSide(
  { name, peer, cookieParser, root = ownRoot }: SideOrder,
  given: Pick<PeerOrder, 'store' | 'redis'> & { readonly load: Helper; readonly others?: number },
): Promise<Side> {
  const { load, store, redis, others = 0 } = given
  const port = redis && { port: redis.port }
  const kept = { store, redis: port, prefix: `bench:${name}:`, root, others }
  const order: ServerOrder = { ...kept, peer, cookieParser }
  const server = await startHelper('./server.ts', order, flagsFor(others))
  return sideOf(name, server, load)
}

/** A side whose server runs already. */
export function sideOf(name: string, server: Helper, load: Helper): Side {
  const first = server.first as { port: number; heap: number }

  async function send(rest: Omit<LoadOrder, 'port'>): Promise<Loaded> {
    const loaded = (await load.ask({ port: first.port, ...rest } satisfies LoadOrder)) as Loaded
    if (loaded.bad > 0) throw new Error(`${name} answered ${loaded.bad} requests by no 200`)
    return loaded
  }

  return {
    name,
    async logIn(path, visitors) {
      const { cookies } = await send({ path, cookies: [''], requests: visitors })
      // Without a session nobody gets one.
      return cookies.length > 0 ? cookies : Array.from({ length: visitors }, () => '')
    },
    async run(path, cookies, requests) {
      const before = Number(await server.ask('cpu'))
      await send({ path, cookies, requests })
      return (Number(await server.ask('cpu')) - before) / requests
    },
    heapOfOthers: async () => first.heap,
    close: server.close,
  }
}

/** Millions of sessions want a heap for them, and one that can be measured. */
function flagsFor(others: number): string[] {
  return others > 0 ? ['--expose-gc', '--max-old-space-size=4096'] : []
}
