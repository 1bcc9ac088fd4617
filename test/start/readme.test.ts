import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cleanCopy, freshEnvironment } from '../support/clean-copy.ts'

const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8')
const blocks = [...readme.matchAll(/```sh\n(.*?)```/gs)].map(
  ([, commands]) => commands?.trim() ?? '',
)

describe('the README', () => {
  it('is short enough to be read', () => {
    expect(readme.split('\n').length).toBeLessThan(150)
  })

  it('names the two commands, and how to start an app', () => {
    expect(blocks).toEqual([
      'npm install && npm start',
      'npm install && npm test',
      expect.stringContaining('new ../blog'),
    ])
  })

  it.each([
    ['lifts the living app', 0],
    ['starts an app of your own', 2],
  ])('%s by its commands, in a clean copy', { timeout: 400_000 }, async (_what, index) => {
    const copy = await cleanCopy()
    if (index === 2) await run('npm install', copy)
    const port = await freePort()

    const shell = start(blocks[index] ?? '', { cwd: copy, port })

    const page = await answering(`http://localhost:${port}/`, shell)
    expect(await page.text()).toContain('two hulls')
    expect(await stopped(shell)).toBe(0)
  })
})

interface Place {
  readonly cwd: string
  readonly port: number
}

function start(commands: string, { cwd, port }: Place): ChildProcess {
  const env = freshEnvironment({ PORT: String(port) })
  const shell = spawn('bash', ['-ec', commands], { cwd, env, detached: true, stdio: 'pipe' })
  onTestFinished(() => end(shell, 'SIGKILL'))
  return shell
}

async function run(commands: string, cwd: string): Promise<void> {
  const shell = spawn('bash', ['-ec', commands], { cwd, env: freshEnvironment(), stdio: 'ignore' })
  const [code] = await once(shell, 'exit')
  expect(code).toBe(0)
}

/** Waits until the address answers, or the shell has ended. */
async function answering(url: string, shell: ChildProcess): Promise<Response> {
  const said: string[] = []
  shell.stdout?.on('data', (chunk) => said.push(String(chunk)))
  shell.stderr?.on('data', (chunk) => said.push(String(chunk)))
  while (shell.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return answer
    await sleep(200)
  }
  throw new Error(`It ended with ${shell.exitCode}:\n${said.join('')}`)
}

/** Asks it to stop as Ctrl-C does, and gives its exit code. */
async function stopped(shell: ChildProcess): Promise<number | null> {
  const exit = once(shell, 'exit')
  end(shell, 'SIGINT')
  const [code, signal] = await exit
  // bash tells of a command that a signal ended; npm passes its own on.
  return signal === 'SIGINT' || code === 130 ? 0 : code
}

/** The whole group: the shell, npm, and the app. */
function end({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch {
    // It has ended already.
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
