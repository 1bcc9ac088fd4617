/**
 * A real HAProxy for tests: from PATH, else its tests are skipped with one loud line, and fail with CI=true.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, isOnPath } from './programs.ts'

/** Whether HAProxy can be run. */
export const hasHaproxy = isOnPath('haproxy')

if (!hasHaproxy) {
  const missing = 'no haproxy on PATH, `npm run services` installs it'
  if (process.env['CI'] === 'true') throw new Error(missing)
  console.warn(`\n!!! SKIPPED tests behind HAProxy: ${missing}\n`)
}

/** What HAProxy says against a configuration; '' when it takes it. */
export function complaintsOf(configuration: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'catamaran-haproxy-'))
  const file = join(folder, 'haproxy.cfg')
  writeFileSync(file, configuration)
  const { status, stderr } = spawnSync('haproxy', ['-c', '-q', '-f', file])
  rmSync(folder, { recursive: true })
  return status === 0 ? '' : String(stderr)
}

/** A balancer that listens. */
export interface Balancer {
  readonly url: string
  close(): Promise<void>
}

/** Starts HAProxy with a configuration whose frontend binds `:80`; here it binds a free port. */
export async function startHaproxy(configuration: string): Promise<Balancer> {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'catamaran-haproxy-'))
  const file = join(folder, 'haproxy.cfg')
  await writeFile(file, configuration.replace('bind :80', `bind 127.0.0.1:${port}`))
  const child = spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] })
  const said: string[] = []
  child.stderr?.on('data', (chunk) => said.push(String(chunk)))
  const exit = once(child, 'exit')
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`haproxy ended: ${said.join('')}`)
    await sleep(20)
  }
  return {
    url: `http://localhost:${port}`,
    async close() {
      child.kill('SIGTERM')
      await exit
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return new Promise((resolve) => {
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
