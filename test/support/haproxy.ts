/**
 * A real HAProxy for tests: from PATH, else its tests are skipped.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Balancer, hasBalancer, startBalancer } from './balancer.ts'
import { freePort } from './programs.ts'

/** Whether HAProxy can be run. */
export const hasHaproxy = hasBalancer('haproxy')

/** What HAProxy says against a configuration; '' when it takes it. */
export function complaintsOf(configuration: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'catamaran-haproxy-'))
  const file = join(folder, 'haproxy.cfg')
  writeFileSync(file, configuration)
  const { status, stderr } = spawnSync('haproxy', ['-c', '-q', '-f', file])
  rmSync(folder, { recursive: true })
  return status === 0 ? '' : String(stderr)
}

/** Starts HAProxy with a configuration whose frontend binds `:80`; here it binds a free port. */
export async function startHaproxy(configuration: string): Promise<Balancer> {
  const port = await freePort()
  return startBalancer({
    command: 'haproxy',
    args: (file) => ['-db', '-f', file],
    configuration: configuration.replace('bind :80', `bind 127.0.0.1:${port}`),
    port,
  })
}
