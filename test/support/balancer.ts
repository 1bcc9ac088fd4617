/**
 * A real load balancer in a process of its own, in front of what a test has lifted.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isOnPath } from './programs.ts'

/** A balancer that listens. */
export interface Balancer {
  readonly url: string
  close(): Promise<void>
}

interface Program {
  readonly command: string
  /** What it is called with, by the path of its configuration. */
  args(file: string): string[]
  readonly configuration: string
  /** Where its configuration lets it listen. */
  readonly port: number
}

/** Whether a balancer can be run; says loudly that its tests are skipped, and fails with CI=true. */
export function hasBalancer(command: string): boolean {
  if (isOnPath(command)) return true
  const missing = `no ${command} on PATH, \`npm run services\` installs it`
  if (process.env['CI'] === 'true') throw new Error(missing)
  console.warn(`\n!!! SKIPPED tests behind ${command}: ${missing}\n`)
  return false
}

/** Starts a balancer and waits until it listens. */
export async function startBalancer(program: Program): Promise<Balancer> {
  const { command, args, configuration, port } = program
  const folder = await mkdtemp(join(tmpdir(), `catamaran-${command}-`))
  const file = join(folder, `${command}.conf`)
  await writeFile(file, configuration)
  const child = spawn(command, args(file), { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  const said: string[] = []
  child.stderr?.on('data', (chunk) => said.push(String(chunk)))
  const exit = once(child, 'exit')
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`${command} ended: ${said.join('')}`)
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
