/**
 * How long a restart under `catamaran dev` takes, from the change of a file to the new process listening, in
 * turns with a bare process that loads the same packages and listens. `npm run bench:dev -- [rounds]`.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const rounds = Number(process.argv[2] ?? 15)
const checkout = join(import.meta.dirname, '..')
/** **Milliseconds** of a restart: no more than this. */
const target = 500
const packages = ['express', 'express-session', 'socket.io', 'cookie-parser', 'cosmiconfig']
const others = ['helmet', 'path-to-regexp', 'zod']

const bare = `
  import { enableCompileCache, flushCompileCache } from 'node:module'
  enableCompileCache()
  const [{ createServer }, { default: express }] = await Promise.all([
    import('node:http'), ...${JSON.stringify([...packages, ...others])}.map((name) => import(name)),
  ])
  createServer(express()).listen(0, () => {
    console.log('listening')
    flushCompileCache()
  })
`

const folder = await mkdtemp(join(tmpdir(), 'catamaran-dev-'))
try {
  await cp(join(checkout, 'templates/app'), folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  print(await measure())
} finally {
  await rm(folder, { recursive: true })
}

interface Times {
  readonly restart: number[]
  readonly bare: number[]
}

/** In turns, so that both meet the same moods of the machine; the first round only warms. */
async function measure(): Promise<Times> {
  const main = join(checkout, 'src/cli/main.ts')
  const dev = start(['--conditions=@catamaran/source', main, 'dev', '--port', '0'], folder)
  const times: Times = { restart: [], bare: [] }
  try {
    await said(dev, /ready/)
    for (let round = -1; round < rounds; round += 1) {
      // The next process has to be there, as it is when a person saves.
      await sleep(2000)
      const [restart, bareStart] = [await restarted(dev), await startedBare()]
      if (round < 0) continue
      times.restart.push(restart)
      times.bare.push(bareStart)
    }
  } finally {
    dev.kill('SIGTERM')
    await once(dev, 'exit')
  }
  return times
}

/** Saves a file as editors do; **milliseconds** until the app listens anew. */
async function restarted(dev: ChildProcess): Promise<number> {
  const fresh = join(folder, '.fresh')
  await writeFile(fresh, `export default () => ({ at: ${Date.now()} })\n`)
  const listens = said(dev, /restarted/)
  const since = performance.now()
  await rename(fresh, join(folder, 'api/controllers/account/me.ts'))
  await listens
  return performance.now() - since
}

async function startedBare(): Promise<number> {
  const since = performance.now()
  const child = start(['--input-type=module', '-e', bare], checkout)
  await said(child, /listening/)
  const took = performance.now() - since
  child.kill('SIGKILL')
  await once(child, 'exit')
  return took
}

function start(words: readonly string[], cwd: string): ChildProcess {
  return spawn(process.execPath, words, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
}

function said(child: ChildProcess, pattern: RegExp): Promise<void> {
  return new Promise((resolve) => {
    child.stdout?.on('data', function heard(chunk: Buffer) {
      if (!pattern.test(String(chunk))) return
      child.stdout?.off('data', heard)
      resolve()
    })
  })
}

function print({ restart, bare }: Times): void {
  const mark = at(restart, 0.5) <= target ? 'met' : 'missed'
  console.log(`restart: ${words(restart)}, target ${target} ms: ${mark}`)
  console.log(`bare: ${words(bare)}`)
}

function words(times: readonly number[]): string {
  const [least, quarter, half, third] = [0, 0.25, 0.5, 0.75].map((part) => at(times, part))
  return `${half} ms (quartiles ${quarter}–${third}, least ${least})`
}

function at(times: readonly number[], part: number): number {
  const sorted = [...times].sort((a, b) => a - b)
  return Math.round(sorted[Math.floor(sorted.length * part)] ?? Number.NaN)
}
