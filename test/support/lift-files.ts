/**
 * An app made of files, lifted for a test and lowered when the test has finished.
 */
import { onTestFinished } from 'vitest'
import { type TestApp, testApp } from '../../src/testing/app.ts'
import { appFolder, type Files, strongSecret } from './app-folder.ts'

export { appFolder, type Files, strongSecret }

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
