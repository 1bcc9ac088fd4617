import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { type Lifted, lifted, root, start } from '../cli/run.ts'
import { blocksOf } from '../docs/blocks.ts'
import { appFolder, strongSecret } from '../support/app-folder.ts'
import type { Balancer } from '../support/balancer.ts'
import { hasHaproxy, startHaproxy } from '../support/haproxy.ts'
import { hasNginx, startNginx } from '../support/nginx.ts'
import { freePort } from '../support/programs.ts'
import { describeRedis, startRedis } from '../support/redis.ts'
import { routes, visit } from './visitor.ts'

const page = 'docs/scaling.md'
const blocks = blocksOf(page, await readFile(join(root, page), 'utf8'))

/** The page's configuration, with these ports in place of its addresses. */
function configurationOf(language: string, ports: readonly number[]): string {
  const code = blocks.find((block) => block.language === language)?.code ?? ''
  const [one, two] = ports
  return code
    .replace('10.0.0.1:1337', `127.0.0.1:${one}`)
    .replace('10.0.0.2:1337', `127.0.0.1:${two}`)
}

/** Two nodes of an app as `catamaran lift` runs them, behind a balancer. */
async function liftBehind(language: string, balance: (text: string) => Promise<Balancer>) {
  const redis = await startRedis()
  onTestFinished(() => redis.close())
  const ports = [await freePort(), await freePort()]
  const cwd = await appFolder({ 'config/routes.js': routes })
  const words = [
    ...['lift', `--session.secret=${strongSecret}`, '--http.trustProxy=1', '--http.grace=1'],
    ...['--session.adapter=redis', `--session.url=${redis.url}`, '--session.prefix=restart:'],
  ]
  const nodes: Lifted[] = []
  const lift = async (at: number) => {
    nodes[at] = await lifted(start([...words, `--port=${ports[at]}`], { cwd }))
  }
  onTestFinished(async () => {
    for (const node of nodes) await node[Symbol.asyncDispose]()
  })
  await Promise.all(ports.map((_, at) => lift(at)))
  const balancer = await balance(configurationOf(language, ports))
  onTestFinished(() => balancer.close())

  return { url: balancer.url, lift, nodeAt: (at: number) => nodes[at] as Lifted }
}

/** Which process answers a stranger at `url`. */
async function strangerAt(url: string): Promise<unknown> {
  const answer = await fetch(`${url}/me`, { headers: { connection: 'close' } })
  return answer.ok ? ((await answer.json()) as { pid: number }).pid : undefined
}

describeRedis('two nodes of which one after the other is restarted under traffic', () => {
  const balancers = [
    { name: 'haproxy', isThere: hasHaproxy, balance: startHaproxy },
    { name: 'nginx', isThere: hasNginx, balance: startNginx },
  ]

  it.for(balancers)(
    'lose no session and fail no request behind $name, over websocket and polling',
    async ({ name, isThere, balance }, { skip }) => {
      skip(!isThere)
      const { url, lift, nodeAt } = await liftBehind(name, balance)
      const transports = ['websocket', 'polling', 'websocket', 'polling'] as const
      const names = transports.map((transport, at) => `${transport} ${at}`)
      const visitors = await Promise.all(
        transports.map((transport, at) => visit(url, `${names[at]}`, transport)),
      )

      for (const at of [0, 1]) {
        const { child, end } = nodeAt(at)
        // nginx sends all of one network to one node: nobody sees the other one come back.
        const isSeen = name === 'haproxy' || (await strangerAt(url)) === child.pid
        child.kill('SIGTERM')
        expect(await end).toMatchObject({ code: 0, err: '' })
        await lift(at)
        if (!isSeen) continue
        await expect.poll(() => strangerAt(url), { timeout: 30_000 }).toBe(nodeAt(at).child.pid)
      }
      const seen = await Promise.all(visitors.map((visitor) => visitor.stop()))

      expect(seen.map(({ users }) => [...users])).toEqual(names.map((user) => [user]))
      for (const { nodes, acknowledged, sent, count } of seen) {
        expect(nodes.size).toBeGreaterThan(1)
        expect(count).toBeGreaterThanOrEqual(acknowledged)
        expect(count).toBeLessThanOrEqual(sent)
      }
    },
  )
})
