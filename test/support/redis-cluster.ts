/**
 * A real Redis Cluster for tests: masters of one redis-server process each, which share the slots.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'redis'
import { freePort } from './programs.ts'
import { startRedis, type TestRedis } from './redis.ts'

export interface TestCluster {
  readonly nodes: readonly TestRedis[]
  readonly urls: readonly string[]
  close(): Promise<void>
}

const slots = 16_384

/** Starts `size` masters and waits until they agree; `args` go to each redis-server. */
export async function startCluster(size = 3, args: readonly string[] = []): Promise<TestCluster> {
  const started = await Promise.all(Array.from({ length: size }, () => startNode(args)))
  const first = started[0]
  for (const [index, { node }] of started.entries()) {
    const start = Math.floor((index * slots) / size)
    const end = Math.floor(((index + 1) * slots) / size) - 1
    await tell(node, ['CLUSTER', 'ADDSLOTSRANGE', `${start}`, `${end}`])
    const meet = ['CLUSTER', 'MEET', '127.0.0.1', `${first?.node.port}`, `${first?.bus}`]
    if (index > 0) await tell(node, meet)
  }
  const nodes = started.map(({ node }) => node)
  for (const node of nodes) await agreed(node, size)

  return {
    nodes,
    urls: nodes.map(({ url }) => url),
    async close() {
      await Promise.all(nodes.map((node) => node.close()))
    },
  }
}

async function startNode(args: readonly string[]) {
  const bus = await freePort()
  const cluster = ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf']
  // The usual bus port, 10,000 above, may be none.
  const timing = ['--cluster-port', `${bus}`, '--cluster-node-timeout', '1000']
  const node = await startRedis({ own: true, args: [...cluster, ...timing, ...args] })
  return { node, bus }
}

/** Sends one command to one node. */
export async function tell(node: TestRedis, command: readonly string[]): Promise<string> {
  const client = createClient({ url: node.url })
  await client.connect()
  const reply = await client.sendCommand([...command])
  await client.close()
  return String(reply)
}

/** Waits until this node can serve: all slots are kept by some master it reaches. */
export async function agreed(node: TestRedis, size = 3): Promise<void> {
  const words = new RegExp(`cluster_state:ok[^]*cluster_slots_ok:${slots}[^]*cluster_size:${size}`)
  while (!words.test(await tell(node, ['CLUSTER', 'INFO']))) await sleep(50)
}
