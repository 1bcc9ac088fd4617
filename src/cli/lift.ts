/** `catamaran lift`: runs the app of the current folder until a signal asks it to stop. */

import { flushCompileCache } from 'node:module'
import { enterAppFolder } from './app-folder.ts'
import { command } from './command.ts'
import { stopSignal } from './signals.ts'
import type { Terminal } from './terminal.ts'

/** Of every command that listens. */
export const portOption = {
  type: 'string',
  value: 'number',
  summary: 'Port to listen on; 0 lets the system choose',
} as const

export const lift = command({
  summary: 'Run the app of this folder',
  example: 'catamaran lift --port 8080 --session.ttl=3600',
  options: {
    port: portOption,
    prod: { type: 'boolean', summary: 'Run with NODE_ENV=production' },
  },
  takesConfig: true,
  async run({ port, prod }, terminal, { overrides }) {
    if (prod) terminal.environment['NODE_ENV'] = 'production'
    enterAppFolder(terminal.cwd)
    const { createApp } = await import('../app.ts')
    const app = await createApp(terminal.cwd, {
      arguments: port === undefined ? overrides : { ...overrides, port },
      environment: terminal.environment,
    })
    const lifted = await app.lift()
    const stopped = stopSignal(process)
    printBanner(lifted, terminal)
    keepCompiled()
    const signal = await stopped
    terminal.print(`${signal}: finishing the requests in flight; once more to stop at once.`)
    await app.lower()
    return 0
  },
})

/** Node writes its compile cache at a clean end; servers are often killed. */
function keepCompiled(): void {
  setTimeout(flushCompileCache, 1000).unref()
}

interface Banner {
  readonly url: string
  readonly adapter: string
  readonly environment: string
}

/** Prints where it listens and on what. The ready time counts from the start of the process: that is what a person waits for. */
export function printBanner({ url, adapter, environment }: Banner, terminal: Terminal): void {
  const ready = `${Math.round(performance.now())} ms`
  terminal.print('')
  terminal.print(
    `  ${terminal.paint(['bold', 'cyan'], '◢◣ ◢◣')}  ${terminal.paint('bold', 'Catamaran')} is lifted`,
  )
  terminal.print(`  ${terminal.paint('cyan', '══════')}  ${url}`)
  terminal.print('')
  for (const [name, value] of Object.entries({ store: adapter, environment, ready })) {
    terminal.print(`  ${terminal.paint('dim', name.padEnd(12))} ${value}`)
  }
  terminal.print('')
}
