/**
 * A real app folder for a test, removed when the test has finished.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type LoadedConfig, type LoadOptions, loadConfig } from '../../src/config/load.ts'
import { CatamaranError } from '../../src/errors.ts'

export const strongSecret = 'a1b2c3d4'.repeat(6)

type Files = Readonly<Record<string, string>>

/** Writes an app's files; `type: module` unless a package.json is among them. */
export async function appFolder(files: Files): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'catamaran config '))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  for (const [name, text] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  return root
}

/** Loads an app made of these files, without the variables of the test's own process. */
export async function load(files: Files, options: LoadOptions = {}): Promise<LoadedConfig> {
  return loadConfig(await appFolder(files), { environment: {}, ...options })
}

/** Loads an app that has problems and gives their lines. */
export async function problems(files: Files, options: LoadOptions = {}): Promise<string[]> {
  try {
    await load(files, options)
  } catch (error) {
    if (!(error instanceof CatamaranError) || error.code !== 'E_CONFIG') throw error
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
  }
  return []
}
