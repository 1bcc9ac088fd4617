/**
 * A real Sails 1.5.18 for tests, in a process of its own.
 */
import { fork } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { hasPackages } from '../support/fixture-packages.ts'
import { freePort } from '../support/programs.ts'
import { describeRedis } from '../support/redis.ts'

const fixtures = join(import.meta.dirname, '..', 'fixtures')
const here = join(fixtures, 'real-sails')
const modules = join(here, 'node_modules')

/** The app both run. */
export const appRoot = join(fixtures, 'sails-app')

/** `describe` for tests that need Sails and a Redis. */
export const describeSails = hasPackages('real-sails', 'sails-hook-sockets')
  ? describeRedis
  : describe.skip

export interface RunningSails {
  readonly url: string
  close(): Promise<void>
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
