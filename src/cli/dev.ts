/**
 * `catamaran dev`: runs the app, and again whenever one of its files changes. The app is in a process of its
 * own; the next one waits with the framework loaded, so that a restart is quick.
 */
import type { Lifted } from '../app.ts'
import { assertApp } from './app-folder.ts'
import { command } from './command.ts'
import { startRun } from './dev-run.ts'
import { type AppWatch, type Change, watchApp } from './dev-watch.ts'
import { portOption, printBanner } from './lift.ts'
import { stopSignal } from './signals.ts'
import type { Terminal } from './terminal.ts'

type Given = Readonly<Record<string, string>>

export const dev = command({
  summary: 'Run the app of this folder, and again whenever one of its files changes',
  example: 'catamaran dev --port 8080',
  options: { port: portOption },
  takesConfig: true,
  async run({ port }, terminal, { overrides }) {
    assertApp(terminal.cwd)
    const watch = watchApp(terminal.cwd)
    try {
      await runAgain(port === undefined ? overrides : { ...overrides, port }, watch, terminal)
      return 0
    } finally {
      watch.close()
    }
  },
})

/** Runs the app until a signal comes. */
async function runAgain(first: Given, watch: AppWatch, terminal: Terminal): Promise<void> {
  const stopped = stopSignal(process).then(() => 'stopped' as const)
  const start = () => startRun(terminal.cwd, watch.add)
  let given = first
  let change: Change | undefined
  let isFirst = true
  for (let run = start(), next = run; ; run = next) {
    const changed = watch.next()
    const report = await Promise.race([run.lift(given), changed, stopped])
    if (typeof report === 'object' && 'lifted' in report) {
      if (change && !isFirst) printRestart(change, terminal)
      else printFirst(report.lifted, terminal)
      isFirst = false
      // A port that the system chose is kept: pages and sockets come back to it.
      if (report.chosen) given = { ...given, port: String(report.lifted.port) }
    }
    next = start()
    const event = await Promise.race([changed, stopped, run.ended])
    if (event === 'ended') terminal.warn('It starts again when a file changes.')
    const last = event === 'ended' ? await Promise.race([changed, stopped]) : event
    await run.stop()
    if (last === 'stopped') return next.stop()
    change = last
  }
}

function printRestart({ files: [file = '', ...more], since }: Change, terminal: Terminal): void {
  const others = more.length > 0 ? ` and ${more.length} more` : ''
  const took = Math.round(performance.now() - since)
  terminal.print(`${terminal.paint('cyan', '◢◣')} restarted in ${took} ms: ${file}${others}`)
}

function printFirst(lifted: Lifted, terminal: Terminal): void {
  printBanner(lifted, terminal)
  terminal.print('  It restarts when a file of the app changes.')
  if (lifted.adapter === 'memory') {
    terminal.print("  A restart ends the sessions in memory; `adapter: 'sqlite'` keeps them.")
  }
  terminal.print('')
}
