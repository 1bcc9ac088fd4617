/**
 * Whether a server can be used now: one log line when it goes, one when it is back, and those who wait for it.
 */
export interface Health {
  /** Why it can't be used now; `undefined` while it can. */
  readonly reason: Error | undefined
  down(error: unknown): void
  up(): void
  /** It answers, but with a refusal (READONLY, OOM, …): logged at most once a minute and first word. */
  refused(error: Error): void
  /** One of several servers can't be used: logged at most once a minute. */
  partly(error: unknown): void
  /** Resolves when it is back; rejects with the reason after `ms` **milliseconds**. */
  back(ms: number): Promise<void>
}

export interface HealthOptions {
  /** What it is, for the log: `Redis`. */
  label: string
  /** Where it is, for the log. */
  address: string
  warn(message: string): void
  /** Takes secrets out of an error. */
  redact(error: unknown): Error
  onDisconnect?: (error: Error) => unknown
  onReconnect?: () => unknown
}

/** Starts as down, silently: the first word is either `up` or the first failure. */
export function createHealth({ label, address, warn, redact, ...hooks }: HealthOptions): Health {
  const server = `${label} at ${address}`
  const waiting = createWaitingRoom()
  const refusals = createRefusals((message) => warn(`${server} refuses: ${message}`))
  const losses = createRefusals((message) =>
    warn(`${server} is partly away (${message}): sessions kept there answer 503`),
  )
  let reason: Error | undefined = new Error('not connected yet')
  let told = false

  /** The app's own hooks: what they throw is logged, and changes nothing here. */
  async function call(hook: () => unknown): Promise<void> {
    try {
      await hook()
    } catch (error) {
      warn(
        `A ${label.toLowerCase()} connection hook of config/session failed: ${redact(error).message}`,
      )
    }
  }

  return {
    get reason() {
      return reason
    },
    down(error) {
      const now = redact(error)
      reason = now
      if (told) return
      told = true
      warn(`${server} is away (${now.message}): what needs a session answers 503`)
      call(() => hooks.onDisconnect?.(now))
    },
    up() {
      reason = undefined
      waiting.wake()
      if (!told) return
      told = false
      warn(`${server} is back`)
      call(() => hooks.onReconnect?.())
    },
    refused: (error) => refusals.tell(error),
    partly: (error) => losses.tell(redact(error), 'one of several'),
    back: async (ms) => reason && waiting.wait(ms, () => reason),
  }
}

/** Those who wait for the server, each for a time of its own. */
function createWaitingRoom() {
  const waiting = new Set<() => void>()
  return {
    wake(): void {
      for (const leave of waiting) leave()
    },
    wait: (ms: number, reason: () => Error | undefined) =>
      new Promise<void>((resolve, reject) => {
        const leave = () => {
          clearTimeout(timer)
          waiting.delete(leave)
          resolve()
        }
        const timer = setTimeout(() => {
          waiting.delete(leave)
          reject(reason())
        }, ms)
        waiting.add(leave)
      }),
  }
}

function createRefusals(say: (message: string) => void) {
  const lastTold = new Map<string, number>()
  return {
    tell(error: Error, kind = error.message.split(' ', 1)[0] ?? ''): void {
      const now = performance.now()
      if (now - (lastTold.get(kind) ?? Number.NEGATIVE_INFINITY) < 60_000) return
      lastTold.set(kind, now)
      say(error.message)
    },
  }
}
