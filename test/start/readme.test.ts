import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cleanCopy, freshEnvironment } from '../support/clean-copy.ts'
import { freePort } from '../support/programs.ts'

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

  it('lifts the living app, then one of your own, by its commands in a clean copy', {
    timeout: 600_000,
  }, async () => {
    const copy = await cleanCopy()

    for (const commands of [blocks[0], blocks[2]]) {
      const port = await freePort()
      const shell = start(commands ?? '', { cwd: copy, port })

      const page = await answering(`http://localhost:${port}/`, shell)
      expect(await page.text()).toContain('two hulls')
      expect(await stopped(shell)).toBe(0)
    }
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
