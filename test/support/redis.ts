/**
 * A real Redis for tests: REDIS_URL, else a redis-server from PATH on a free port of 127.0.0.1.
 * Where there is neither, its tests are skipped with one loud line, and fail with CI=true.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'
import { describe } from 'vitest'
import { freePort, isOnPath } from './programs.ts'

export interface TestRedis {
  host: string
  port: number
  url: string
  /** Lets it end in its own time; all it held is lost, as after `kill`. */
  stop(): Promise<void>
  /** Ends it at once. */
  kill(): Promise<void>
  /** Starts it again on the same port. */
  start(): Promise<void>
  restart(): Promise<void>
  /** Makes it hang: connections stay open and nothing is answered. */
  pause(): void
  resume(): void
  close(): Promise<void>
}

const external = process.env['REDIS_URL']
const onPath = isOnPath('redis-server')
const missing = 'no redis-server on PATH, `npm run services` installs it'

/** Whether some Redis can be had. */
export const hasRedis = external !== undefined || onPath

/** `describe` for tests that need a Redis. */
export const describeRedis = hasRedis ? describe : describe.skip

/** `describe` for tests that stop, hang or configure the server: they need redis-server itself. */
export const describeOwnRedis = onPath ? describe : describe.skip

if (!onPath) {
  if (process.env['CI'] === 'true') throw new Error(missing)
  console.warn(
    `\n!!! SKIPPED ${hasRedis ? 'tests that stop redis' : 'tests on redis'}: ${missing}\n`,
  )
}

/**
 * Gives a Redis; with the outside one of REDIS_URL the process controls throw.
 *
 * @param options - `own: true` never takes the outside one; `tls: true` listens for TLS only; `args` go to
 *   redis-server
 */
export async function startRedis(
  options: { own?: boolean; tls?: boolean; args?: readonly string[] } = {},
): Promise<TestRedis> {
  if (external && !options.own) return outside(external)
  if (!onPath) throw new Error(missing)
  const folder = await mkdtemp(join(tmpdir(), 'catamaran-redis-'))
  const { tls = false, args = [] } = options
  const { port, release, ...server } = await startSomewhere((port) => {
    const listen = tls ? ['--port', '0', '--tls-port', `${port}`] : ['--port', `${port}`]
    return [...listen, '--dir', folder, ...args]
  })

  return {
    host: '127.0.0.1',
    port,
    url: `${tls ? 'rediss' : 'redis'}://127.0.0.1:${port}`,
    ...server,
    async close() {
      await server.kill()
      release()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Starts it on a free port; where somebody else was quicker, on another. */
async function startSomewhere(argsFor: (port: number) => readonly string[]) {
  for (let tries = 1; ; tries += 1) {
    const port = await freePort()
    const server = createProcess(argsFor(port))
    try {
      await server.start()
      return { port, ...server }
    } catch (error) {
      server.release()
      if (tries === 3) throw error
    }
  }
}

/** Lets `seconds` pass for the keys of a prefix: Redis's clock can't be moved, their lives can. */
export async function ageKeys(url: string, prefix: string, seconds: number): Promise<void> {
  const client = createClient({ url })
  await client.connect()
  const age = async (key: string) => {
    const left = await client.pTTL(key)
    if (left > 0) await client.pExpire(key, left - seconds * 1000)
  }
  for await (const keys of client.scanIterator({ MATCH: `${prefix}*` })) {
    await Promise.all(keys.map(age))
  }
  await client.close()
}

function createProcess(args: readonly string[]) {
  let child: ChildProcess | undefined
  const end = () => child?.kill('SIGKILL')
  process.once('exit', end)

  async function start(): Promise<void> {
    const fixed = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
    const stdio = ['ignore', 'pipe', 'ignore'] as const
    const fresh = spawn('redis-server', [...fixed, ...args], { stdio: [...stdio] })
    child = fresh
    await ready(fresh)
  }

  async function signal(name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(name)
    await ended
  }

  const stop = () => signal('SIGTERM')
  return {
    start,
    release: () => process.off('exit', end),
    stop,
    kill: () => signal('SIGKILL'),
    restart: () => stop().then(start),
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
  }
}

function outside(url: string): TestRedis {
  const { hostname, port } = new URL(url)
  const refuse = () => {
    throw new Error('the redis of REDIS_URL is not ours to control: use startRedis({ own: true })')
  }
  return {
    host: hostname,
    port: Number(port || 6379),
    url,
    stop: refuse,
    kill: refuse,
    start: refuse,
    restart: refuse,
    pause: refuse,
    resume: refuse,
    async close() {},
  }
}

/** Waits for its own word: on the port another server may answer. */
function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    const listen = (chunk: Buffer) => {
      said += chunk
      if (!/ready to accept connections/i.test(said)) return
      server.stdout?.off('data', listen).resume()
      resolve()
    }
    server.stdout?.on('data', listen)
    server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${said}`)))
    server.once('error', reject)
  })
}
