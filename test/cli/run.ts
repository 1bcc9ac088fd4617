/**
 * Runs the real command from the sources: in a process of its own, or in this one.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { runCommand } from '../../src/cli/program.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))

const main = join(root, 'src', 'cli', 'main.ts')

export interface Where {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Starts `catamaran …` and leaves it running. */
export function start(
  words: readonly string[],
  { cwd = root, env = {} }: Where = {},
): ChildProcess {
  return spawn(process.execPath, ['--conditions=@catamaran/source', main, ...words], {
    cwd,
    env: { ...process.env, NODE_ENV: undefined, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Runs `catamaran …` to its end. */
export async function run(words: readonly string[], where?: Where): Promise<Ran> {
  return ended(start(words, where))
}

/** Runs `catamaran …` in this process, which is twenty times as fast as in one of its own. */
export async function runHere(words: readonly string[], cwd: string): Promise<Ran> {
  const out: string[] = []
  const err: string[] = []
  const code = await runCommand(words, {
    cwd,
    environment: {},
    print: (line) => void out.push(line),
    warn: (line) => void err.push(line),
    progress() {},
    paint: (_, text) => text,
    paintWarning: (_, text) => text,
  })
  const joined = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')
  return { code, out: joined(out), err: joined(err) }
}

/** Waits for a process to end and gives what it printed. */
export async function ended(child: ChildProcess): Promise<Ran> {
  const [out, err, [code]] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { code, out, err }
}

/** A folder of this test's own, gone when the test is. */
export async function tempFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'catamaran-cli-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** Writes the template's app, without the packages it asks for: all its imports of them are types. */
export async function writeTemplate(folder: string): Promise<void> {
  await cp(join(root, 'templates', 'app'), folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
}

export interface Lifted extends AsyncDisposable {
  readonly child: ChildProcess
  readonly url: string
  /** What was printed until the banner was there. */
  readonly banner: string
  /** Resolves when the process has ended. */
  readonly end: Promise<Ran>
}

/** Waits for the banner of a started app; rejects with what it printed when it ends before. */
export async function lifted(child: ChildProcess): Promise<Lifted> {
  const end = ended(child)
  const banner = await Promise.race([
    printed(child, /^ *ready .*$/m),
    end.then(({ err }) => Promise.reject(new Error(`it did not lift: ${err}`))),
  ])
  const url = /https?:\/\/\S+/.exec(banner)?.[0] ?? ''
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await end
  }
  return { child, url, banner, end, [Symbol.asyncDispose]: stop }
}

/** What a process prints from now on until the pattern shows in it. */
export function printed(
  child: ChildProcess,
  pattern: RegExp,
  stream: 'stdout' | 'stderr' = 'stdout',
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let seen = ''
  child[stream]?.on('data', (chunk: Buffer) => {
    seen += chunk
    if (pattern.test(seen)) resolve(seen)
  })
  return promise
}
