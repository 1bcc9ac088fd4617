import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'

/** Runs what `npm run histories` runs. */
function start(...words: string[]): ChildProcess {
  const script = join(import.meta.dirname, 'run.ts')
  const child = spawn(process.execPath, ['--conditions=@catamaran/source', script, ...words])
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function run(...words: string[]) {
  const child = start(...words)
  const [out, [code]] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    once(child, 'close'),
  ])
  return { code, out }
}

it('npm run histories ends with 1 when a store loses something, and its seed plays that again', async () => {
  const first = await run('--store', 'careless', '--seed', '1', '--count', '100')
  const [, seed = ''] = /^history of seed (\d+)$/m.exec(first.out) ?? []
  const again = await run('--store', 'careless', '--seed', seed, '--count', '1')

  expect(first).toEqual({ code: 1, out: expect.stringMatching(/ seed: 1,\n +histories: 100,/) })
  expect(first.out).toMatch(/^(lost|stale): |^resurrected, /m)
  expect(again.out).toMatch(new RegExp(` seed: ${seed},\n +histories: 1,`))
})

it('npm run histories ends with 0 when nothing was lost, and prints a seed that is new', async () => {
  const ran = await run('--store', 'memory', '--count', '50')

  expect(ran).toEqual({ code: 0, out: expect.stringMatching(/^memory {\n +seed: \d+,/) })
  expect(ran.out).toContain('wrong: 0')
})

it('npm run histories plays 10,000 on each store unless told otherwise', async () => {
  const child = start()
  let shown = ''
  for await (const chunk of child.stderr ?? []) {
    shown += chunk
    if (shown.includes(' a second')) break
  }

  expect(shown).toMatch(/^\rmemory: 50 of 10000, /)
})
