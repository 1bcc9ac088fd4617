/**
 * A whole app for tests: lifted on a free port, with visitors, and a clock to move.
 */

import { type App, type AppOptions, createApp, type Lifted } from '../app.ts'
import type { Overrides } from '../config/schema.ts'
import { type Browser, createBrowser } from './browser.ts'
import { createTestClock, type TestClock } from './clock.ts'

export interface TestApp extends Lifted, AsyncDisposable {
  readonly app: App
  /** What its sessions live by, where the store has no clock of its own: `memory` and `sqlite`. */
  readonly clock: TestClock
  /** A new visitor. */
  browser(): Browser
  /** Lowers the app, and closes its browsers; so does the end of an `await using` block. */
  close(): Promise<void>
}

export type TestOptions = Omit<AppOptions, 'overrides' | 'clock'>

/**
 * Lifts the app in a folder on a free port, silent unless told otherwise.
 *
 * @param overrides - what stands above its configuration, as for `lift()`
 */
export function testApp(
  root: string = process.cwd(),
  overrides: Overrides = {},
  options: TestOptions = {},
): Promise<TestApp> {
  return liftForTest(root, { ...options, overrides, clock: createTestClock() })
}

/** Lifts an app by a clock that tests move. */
export async function liftForTest(
  root: string,
  { overrides, clock, ...options }: AppOptions & { readonly clock: TestClock },
): Promise<TestApp> {
  const quiet: Overrides = { port: 0, log: { level: 'silent' } }
  const app = await createApp(root, { ...options, clock, overrides: { ...quiet, ...overrides } })
  const lifted = await app.lift()
  const browsers: Browser[] = []

  async function close(): Promise<void> {
    for (const browser of browsers) browser.close()
    await app.lower()
  }

  return {
    ...lifted,
    app,
    clock,
    browser() {
      const browser = createBrowser(lifted.url, { clock })
      browsers.push(browser)
      return browser
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
