/**
 * A real app folder for a test, removed when the test has finished.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type TestApp, testApp } from '../../src/testing/app.ts'

export type Files = Readonly<Record<string, string>>

/** Long enough for production. */
export const strongSecret = 'a1b2c3d4'.repeat(6)

/** Writes an app's files into a fresh folder and gives its path; `type: module` unless told otherwise. */
export async function appFolder(
  files: Files,
  type: 'module' | 'commonjs' = 'module',
): Promise<string> {
  // A space, because folders have them.
  const root = await mkdtemp(join(tmpdir(), 'catamaran app '))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const all = { 'package.json': JSON.stringify({ type }), ...files }
  for (const [file, text] of Object.entries(all)) {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), text)
  }
  return root
}

/** Writes an app and lifts it on a free port until the test has finished. */
export async function liftFiles(
  files: Files,
  overrides: { readonly session?: object; readonly [key: string]: unknown } = {},
): Promise<TestApp> {
  const root = await appFolder(files)
  const session = { secret: strongSecret, ...overrides.session }
  const app = await testApp(root, { ...overrides, session }, { environment: {} })
  onTestFinished(() => app.close())
  return app
}
