/**
 * An app made of files, lifted for a test and lowered when the test has finished.
 */
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { type TestApp, testApp } from '../../src/testing/app.ts'
import { appFolder, type Files, strongSecret, writeApp } from './app-folder.ts'

export { appFolder, type Files, strongSecret }

interface Given {
  readonly session?: object
  readonly [key: string]: unknown
}

/** Writes an app and lifts it on a free port until the test has finished. */
export async function liftFiles(files: Files, overrides: Given = {}): Promise<TestApp> {
  const app = await lift(await appFolder(files), overrides)
  onTestFinished(() => app.close())
  return app
}

/** The same, once for all tests of the `describe` it is called in; they may leave nothing but sessions there. */
export function liftedForAll(files: Files, overrides: Given = {}): () => TestApp {
  let app: TestApp | undefined
  let remove: (() => Promise<void>) | undefined
  beforeAll(async () => {
    const written = await writeApp(files)
    remove = written.remove
    app = await lift(written.root, overrides)
  })
  afterAll(async () => {
    await app?.close()
    await remove?.()
  })
  return () => app as TestApp
}

function lift(root: string, overrides: Given): Promise<TestApp> {
  const session = { secret: strongSecret, ...overrides.session }
  return testApp(root, { ...overrides, session }, { environment: {} })
}
