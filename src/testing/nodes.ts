/**
 * Two nodes of one app in the process of a test. Sessions in memory, which nodes cannot share elsewhere, and
 * rooms stand here for those of a Redis that both reach; every other store is as the app's configuration says.
 */
import { loadConfig } from '../config/load.ts'
import type { Overrides } from '../config/schema.ts'
import { around } from '../session/stores/around.ts'
import { createMemoryStore } from '../session/stores/memory.ts'
import { liftForTest, type TestApp, type TestOptions } from './app.ts'
import { createBus } from './bus.ts'
import { createTestClock, type TestClock } from './clock.ts'

export interface TestNodes extends AsyncDisposable {
  readonly one: TestApp
  readonly two: TestApp
  /** Both live by it. */
  readonly clock: TestClock
  /** Lowers both; so does the end of an `await using` block. */
  close(): Promise<void>
}

/**
 * Lifts the app in a folder twice, each on a free port of its own, as `testApp` does.
 *
 * @param overrides - what stands above its configuration, on both
 */
export async function testNodes(
  root: string = process.cwd(),
  overrides: Overrides = {},
  options: TestOptions = {},
): Promise<TestNodes> {
  const clock = createTestClock()
  const shared = await share(root, { overrides, options, clock })
  const lift = () => liftForTest(root, { ...options, overrides: shared.overrides, clock })
  const lifted: TestApp[] = []

  async function close(): Promise<void> {
    const closing = lifted.map((app) => app.close())
    await Promise.allSettled(closing)
    await shared.close()
    await Promise.all(closing)
  }

  try {
    const one = await lift()
    lifted.push(one)
    const two = await lift()
    lifted.push(two)
    return { one, two, clock, close, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

interface Given {
  readonly overrides: Overrides
  readonly options: TestOptions
  readonly clock: TestClock
}

/** Gives both one secret, also where it is made up, and one memory and bus where sessions are in memory. */
async function share(root: string, { overrides, options, clock }: Given) {
  const { config } = await loadConfig(root, { ...options, overrides })
  const { adapter, store, handleConstructingSessionStore, secret } = config.session
  const session = { ...overrides.session, secret }
  const isInMemory = adapter === 'memory' && !store && !handleConstructingSessionStore
  if (!isInMemory) return { overrides: { ...overrides, session }, close: async () => {} }
  const memory = createMemoryStore({ clock })
  // A node that ends leaves the other its sessions.
  const lasting = around(memory, { close: async () => {} })
  const sockets = { ...overrides.sockets, adapter: config.sockets.adapter ?? createBus() }
  return {
    overrides: { ...overrides, session: { ...session, store: lasting }, sockets },
    close: memory.close,
  }
}
