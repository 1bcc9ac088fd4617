/**
 * A MongoDB for tests: MONGO_URL, else mongod from PATH, else mongodb-memory-server where MONGO_DOWNLOAD=1
 * allows it, else our stand-in, which MONGO_REQUIRED=1 forbids. Says which one it is.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort, isOnPath } from '../programs.ts'

export interface TestMongo {
  /** What it is: `MONGO_URL`, `mongod`, `mongodb-memory-server` or `stand-in`. */
  readonly kind: string
  /** `mongodb://host:port`, with credentials where there are any, and no path. */
  readonly url: string
  close(): Promise<void>
}

/** One that is ours to stop, hang and start again; what was written stays. */
export interface OwnMongo extends TestMongo {
  readonly port: number
  kill(): Promise<void>
  start(): Promise<void>
  pause(): void
  resume(): void
}

interface OwnOptions {
  /** Lets in only this user. */
  account?: { user: string; password: string }
  /** Key and certificate files; only the stand-in. */
  tls?: { key: string; cert: string }
}

const { env } = process
const standIn = join(import.meta.dirname, 'stand-in', 'main.ts')
const mongod = isOnPath('mongod') ? 'mongod' : undefined
const mustBeReal = env['MONGO_REQUIRED'] === '1'

/** Gives a MongoDB, the outside one where there is one. */
export async function startMongo(): Promise<TestMongo> {
  const server = await choose()
  const words = server.kind === 'stand-in' ? 'our stand-in: no real MongoDB was found' : server.kind
  console.log(`MongoDB of these tests: ${words}`)
  return server
}

async function choose(): Promise<TestMongo> {
  const url = env['MONGO_URL']?.replace(/\/+$/, '')
  if (url) return { kind: 'MONGO_URL', url, async close() {} }
  if (!mongod && env['MONGO_DOWNLOAD'] === '1') return startDownloaded()
  return startOwnMongo()
}

/** Optional, and not among our dependencies: who sets MONGO_DOWNLOAD installs it. */
async function startDownloaded(): Promise<TestMongo> {
  const name = 'mongodb-memory-server-core'
  const { MongoMemoryServer } = await import(name)
  const server = await MongoMemoryServer.create({ instance: { ip: '127.0.0.1', args: parameters } })
  const url = String(server.getUri()).replace(/\/+$/, '')
  return { kind: 'mongodb-memory-server', url, close: () => server.stop() }
}

/** Looks for expired documents each second, and has fail points. */
const parameters = [
  '--setParameter',
  'ttlMonitorSleepSecs=1',
  '--setParameter',
  'enableTestCommands=1',
]

/** Starts a server of these tests' own: mongod, else the stand-in. */
export async function startOwnMongo({ account, tls }: OwnOptions = {}): Promise<OwnMongo> {
  const isStandIn = mongod === undefined || account !== undefined || tls !== undefined
  if (isStandIn && mustBeReal) {
    throw new Error(
      'MONGO_REQUIRED=1: set MONGO_URL, or put mongod on PATH, or set MONGO_DOWNLOAD=1',
    )
  }
  const folder = await mkdtemp(join(tmpdir(), 'catamaran-mongo-'))
  const port = await freePort()
  const at = account ? `${account.user}:${account.password}@` : ''
  const options = { ...account, ...tls, file: join(folder, 'log'), port: `${port}`, ttl: '1' }
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
  const server = isStandIn
    ? createProcess(process.execPath, [standIn, ...words])
    : createProcess('mongod', [
        '--port',
        `${port}`,
        '--bind_ip',
        '127.0.0.1',
        '--dbpath',
        folder,
        ...parameters,
      ])
  await server.start()

  return {
    kind: isStandIn ? 'stand-in' : 'mongod',
    url: `mongodb://${at}127.0.0.1:${port}`,
    port,
    ...server,
    async close() {
      await server.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function createProcess(command: string, words: readonly string[]) {
  let child: ChildProcess | undefined
  process.once('exit', () => child?.kill('SIGKILL'))

  async function start(): Promise<void> {
    const fresh = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    child = fresh
    const lines = createInterface({ input: fresh.stdout })
    await new Promise<void>((resolve, reject) => {
      lines.on('line', (line) => {
        if (line.includes('"port"') || /waiting for connections/i.test(line)) resolve()
      })
      fresh.once('exit', (code) => reject(new Error(`${command} ended with ${code}`)))
    })
  }

  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  return {
    start,
    kill,
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
  }
}
