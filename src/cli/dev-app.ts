/**
 * One run of an app under `catamaran dev`, in a process of its own: loads the framework at once, waits for
 * the word to lift, and tells which files the app imports. dev-run.ts starts it and speaks with it.
 */
import { enableCompileCache, flushCompileCache, registerHooks } from 'node:module'
import { createApp } from '../app.ts'
import { enterAppFolder } from './app-folder.ts'
import type { Order, Report } from './dev-run.ts'
import { printFailure } from './failure.ts'
import { createTerminal } from './terminal.ts'

const terminal = createTerminal(process)
const tell = (report: Report): void => void process.send?.(report)

enableCompileCache()
// A terminal sends Ctrl-C to us as well; what to do about it is the word of the process that watches.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())
process.on('message', async (order: Order) => {
  if (order.do === 'lift') await lift(order.given)
  // Not lowered: sockets that are told goodbye would not come back by themselves.
  else process.exit()
})

async function lift(given: Readonly<Record<string, string>>): Promise<void> {
  try {
    enterAppFolder(terminal.cwd)
    tellImports()
    const app = await createApp(terminal.cwd, { arguments: given })
    const lifted = await app.lift()
    tell({ catamaran: 'lifted', lifted, chosen: app.config.port === 0 })
    flushCompileCache()
  } catch (error) {
    printFailure(error, terminal, { stack: false })
    process.exit(1)
  }
}

/** Tells of each file the app imports or requires, also of one that is not there. */
function tellImports(): void {
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context)
      } catch (error) {
        if (error instanceof Error && 'url' in error) tellImport(String(error.url))
        throw error
      }
    },
    load(url, context, next) {
      tellImport(url)
      return next(url, context)
    },
  })
}

function tellImport(url: string): void {
  const isOurs = url.startsWith('file:') && !url.includes('/node_modules/')
  if (isOurs) tell({ catamaran: 'import', url })
}
