/**
 * A real Sails 1.5.18 for tests, in a process of its own. It is installed, in test/fixtures/real-sails, when it
 * is first needed; where that fails its tests are skipped with one loud line, and fail with CI=true.
 */
import { execFileSync, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { freePort } from '../support/programs.ts'
import { describeRedis } from '../support/redis.ts'

const fixtures = join(import.meta.dirname, '..', 'fixtures')
const here = join(fixtures, 'real-sails')
const modules = join(here, 'node_modules')

/** The app both run. */
export const appRoot = join(fixtures, 'sails-app')

/** `describe` for tests that need Sails and a Redis. */
export const describeSails = isInstalled() ? describeRedis : describe.skip

export interface RunningSails {
  readonly url: string
  close(): Promise<void>
}

function isInstalled(): boolean {
  if (existsSync(join(modules, 'sails-hook-sockets'))) return true
  try {
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund']
    execFileSync('npm', ['ci', ...quiet], { cwd: here, stdio: 'ignore', timeout: 120_000 })
    return true
  } catch (error) {
    if (process.env['CI'] === 'true') throw error
    console.warn('\n!!! SKIPPED tests beside Sails: `npm ci` in test/fixtures/real-sails fails\n')
    return false
  }
}

/** The app in a folder of its own, with its packages: Sails writes into its folders. */
export async function copyApp(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'catamaran-sails-'))
  await cp(appRoot, root, { recursive: true })
  await mkdir(join(root, 'node_modules'))
  for (const name of await readdir(modules)) {
    await symlink(join(modules, name), join(root, 'node_modules', name))
  }
  return root
}

/** Lifts the app by Sails on a free port, in a copy unless a folder is given. */
export async function liftSails(config: object = {}, folder?: string): Promise<RunningSails> {
  const root = folder ?? (await copyApp())
  const port = await freePort()
  const given = JSON.stringify({ ...config, port })
  const process = fork(join(here, 'lift.cjs'), [root, given], { execArgv: [] })
  const gone = new Promise<void>((resolve) => process.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    process.once('message', () => resolve())
    process.once('exit', () => reject(new Error('Sails does not lift')))
  })
  return {
    url: `http://localhost:${port}`,
    async close() {
      if (process.connected) process.disconnect()
      await gone
      if (!folder) await rm(root, { recursive: true, force: true })
    },
  }
}
