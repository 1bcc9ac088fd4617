/**
 * A real app folder for a test, removed when the test has finished.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

export type Files = Readonly<Record<string, string>>

/** Long enough for production. */
export const strongSecret = 'a1b2c3d4'.repeat(6)

/** Writes an app's files into a fresh folder and gives its path; `type: module` unless told otherwise. */
export async function appFolder(
  files: Files,
  type: 'module' | 'commonjs' = 'module',
): Promise<string> {
  const { root, remove } = await writeApp(files, type)
  onTestFinished(remove)
  return root
}

/** The same, to be removed by whoever asked for it. */
export async function writeApp(files: Files, type: 'module' | 'commonjs' = 'module') {
  // A space, because folders have them.
  const root = await mkdtemp(join(tmpdir(), 'catamaran app '))
  const all = { 'package.json': JSON.stringify({ type }), ...files }
  for (const [file, text] of Object.entries(all)) {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), text)
  }
  return { root, remove: () => rm(root, { recursive: true, force: true }) }
}
