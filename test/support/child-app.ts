/**
 * An app in a process of its own, for what only a process can show: its output and its end.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { appFolder, strongSecret } from './app-folder.ts'

const source = join(import.meta.dirname, '..', '..', 'src', 'app.ts')

export interface ChildApp {
  /** Empty when it did not lift. */
  readonly url: string
  /** Lowers the app and gives all it printed, errors too, once the process has ended by itself. */
  stop(): Promise<string>
}

interface Parts {
  /** The text of `config/routes`. */
  readonly routes?: string
  readonly port?: number
  readonly session?: object
  readonly log?: object
}

/** Lifts an app in a child process, which the test's end kills where it still runs. */
export async function liftChild({
  routes = '{}',
  session,
  ...overrides
}: Parts): Promise<ChildApp> {
  const root = await appFolder({ 'config/routes.js': `export default ${routes}` })
  const given = { port: 0, ...overrides, session: { secret: strongSecret, ...session } }
  const script = `
    import { createApp } from ${JSON.stringify(source)}
    const overrides = ${JSON.stringify(given)}
    const app = await createApp(${JSON.stringify(root)}, { overrides, environment: {} })
    try {
      console.log('LIFTED', (await app.lift()).url)
      process.stdin.once('data', () => app.lower().then(() => process.stdin.destroy()))
    } catch (error) {
      console.log('FAILED', error.code)
    }
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: 'pipe',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'close')
  let out = ''
  child.stderr.on('data', (chunk: Buffer) => {
    out += chunk
    process.stderr.write(chunk)
  })
  const said = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk
      if (/^(LIFTED|FAILED) /m.test(out)) resolve()
    })
  })
  await Promise.race([said, ended])

  return {
    url: /^LIFTED (.*)$/m.exec(out)?.[1] ?? '',
    async stop() {
      child.stdin.end('stop')
      await ended
      return out
    },
  }
}
