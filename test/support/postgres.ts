/**
 * A real PostgreSQL for tests: `postgres` from PATH or from where Debian keeps it, on a free port of
 * 127.0.0.1, in a folder of its own. It refuses to run as root: then it runs as the user `postgres`.
 * Where it is missing its tests are skipped with one loud line, and fail with CI=true.
 */
import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe } from 'vitest'
import { freePort } from './programs.ts'

// Its types are no part of it.
const pg = createRequire(import.meta.url)('pg')

export interface TestPostgres {
  readonly url: string
  /** Ends it and all its processes at once. */
  kill(): Promise<void>
  /** Starts it again on the same port, with what it had stored. */
  start(): Promise<void>
  /** Makes it hang: connections stay open and nothing is answered. */
  pause(): void
  resume(): void
  close(): Promise<void>
}

const folder = findFolder()
const missing = 'no postgres on PATH or in /usr/lib/postgresql, `npm run services` installs it'

/** `describe` for tests that need a PostgreSQL. */
export const describePostgres = folder ? describe : describe.skip

if (!folder) {
  if (process.env['CI'] === 'true') throw new Error(missing)
  console.warn(`\n!!! SKIPPED tests on postgres: ${missing}\n`)
}

/** Starts one with an empty database. */
export async function startPostgres(): Promise<TestPostgres> {
  if (!folder) throw new Error(missing)
  const bin = folder
  const home = await mkdtemp(join(tmpdir(), 'catamaran-postgres-'))
  const user = process.getuid?.() === 0 ? idsOf('postgres') : undefined
  if (user) await chown(home, user.uid, user.gid)
  const how: SpawnOptions = { stdio: 'ignore', cwd: home, env: { LC_ALL: 'C' }, ...user }
  const data = join(home, 'data')
  const made = ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '-E', 'UTF8']
  const [code] = await once(spawn(join(bin, 'initdb'), made, how), 'exit')
  if (code !== 0) throw new Error(`initdb ended with ${code}`)

  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const args = ['-D', data, '-p', `${port}`, '-h', '127.0.0.1', '-c', 'unix_socket_directories=']
  const server = createServerProcess(() => spawn(join(bin, 'postgres'), args, how), url)
  await server.start()

  return {
    url,
    ...server,
    async close() {
      await server.kill()
      await rm(home, { recursive: true, force: true })
    },
  }
}

function createServerProcess(launch: () => ChildProcess, url: string) {
  let child: ChildProcess | undefined
  const signal = (name: NodeJS.Signals) => {
    for (const pid of child ? family(child) : []) process.kill(pid, name)
  }
  const end = () => signal('SIGKILL')

  return {
    async start() {
      const fresh = launch()
      child = fresh
      process.once('exit', end)
      while (!(await answers(url))) {
        if (fresh.exitCode !== null) throw new Error(`postgres ended with ${fresh.exitCode}`)
        await sleep(50)
      }
    },
    async kill() {
      process.off('exit', end)
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      end()
      await ended
    },
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
  }
}

/** The server and its processes, each of which leads a group of its own. */
function family({ pid, exitCode, signalCode }: ChildProcess): number[] {
  if (pid === undefined || exitCode !== null || signalCode !== null) return []
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
  return [pid, ...children.filter(Boolean).map(Number)]
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

/** Debian keeps several versions side by side, and none on PATH. */
function findFolder(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => +b - +a) : []
  const onPath = (process.env['PATH'] ?? '').split(delimiter)
  const all = [...onPath, ...versions.map((version) => join(debian, version, 'bin'))]
  return all.find((path) => existsSync(join(path, 'initdb')) && existsSync(join(path, 'postgres')))
}

function idsOf(user: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
