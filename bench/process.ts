/**
 * Child processes that answer each message with one: how the bench talks to its servers and its load.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'

export interface Helper {
  /** What it said first. */
  readonly first: unknown
  ask(message: unknown): Promise<unknown>
  close(): Promise<void>
}

/** @param file - beside this one */
export async function startHelper(
  file: string,
  order: unknown,
  flags: readonly string[] = [],
): Promise<Helper> {
  const child = fork(new URL(file, import.meta.url), [JSON.stringify(order)], {
    execArgv: ['--conditions=@catamaran/source', ...flags],
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  // Shown only when it fails: express-session warns of its own memory each time.
  let complaint = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  const exited = once(child, 'exit')

  async function answer(): Promise<unknown> {
    const settled = new AbortController()
    const died = exited.then(([code]) => {
      throw new Error(`${file} ended with ${code}\n${complaint}`)
    })
    try {
      const said = once(child, 'message', { signal: settled.signal })
      const [message] = (await Promise.race([said, died])) as [unknown]
      return message
    } finally {
      settled.abort()
    }
  }

  return {
    first: await answer(),
    ask(message) {
      child.send(message as object)
      return answer()
    },
    async close() {
      process.off('exit', end)
      if (child.connected) child.disconnect()
      await exited
    },
  }
}
