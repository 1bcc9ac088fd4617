/**
 * Connecting a client for the first time. From then on the driver looks after its connections itself, but a
 * first attempt that fails leaves it closed for good.
 */

interface Connectable {
  connect(): Promise<unknown>
}

/** **Milliseconds** between two attempts. */
const pause = 200

export interface Connecting {
  /** Why there was no connection yet; `undefined` once there was one. */
  reason(): unknown
  /** Gives up. */
  stop(): void
}

/** Connects until it succeeds; its timer does not keep the process alive. */
export function keepConnecting(client: Connectable): Connecting {
  let reason: unknown
  let stopped = false
  let retry: NodeJS.Timeout | undefined

  async function connect(): Promise<void> {
    try {
      await client.connect()
      reason = undefined
    } catch (error) {
      reason = error
      if (!stopped) retry = setTimeout(connect, pause).unref()
    }
  }

  connect()
  return {
    reason: () => reason,
    stop() {
      stopped = true
      clearTimeout(retry)
    },
  }
}
