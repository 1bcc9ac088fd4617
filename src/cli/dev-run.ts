/**
 * Starts and ends the process an app runs in under `catamaran dev`, and speaks with dev-app.ts there.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Lifted } from '../app.ts'

/** What the process is told to do. */
export type Order =
  | { readonly do: 'lift'; readonly given: Readonly<Record<string, string>> }
  | { readonly do: 'end' }

/** What it tells; `chosen` is a port that the system chose. */
export type Report =
  | { readonly catamaran: 'import'; readonly url: string }
  | { readonly catamaran: 'lifted'; readonly lifted: Lifted; readonly chosen: boolean }

export type LiftedReport = Extract<Report, { readonly catamaran: 'lifted' }>

export interface Run {
  /** Lifts the app; answers nothing where the process ended instead, which has said why. */
  lift(given: Readonly<Record<string, string>>): Promise<LiftedReport | undefined>
  /** Resolves when the process has ended. */
  readonly ended: Promise<'ended'>
  /** Ends the process, also one that is blocked; done when it has ended. */
  stop(): Promise<void>
}

/** **Milliseconds** a process has to end by itself, with what the app does at its exit. */
const patience = 500

/** Starts a process that loads the framework and waits; it ends by itself when ours does. */
export function startRun(root: string, imported: (file: string) => void): Run {
  // The same file, whether we run from src/ or from dist/.
  const file = new URL(`./dev-app${extname(import.meta.url)}`, import.meta.url)
  const child = fork(fileURLToPath(file), [], { cwd: root, stdio: 'inherit' })
  const ended = once(child, 'exit').then(() => 'ended' as const)
  let asked = false
  const { promise: lifted, resolve } = Promise.withResolvers<LiftedReport | undefined>()
  void ended.then(() => resolve(undefined))
  // An app may send what it likes.
  child.on('message', (report: Partial<Report> | null) => {
    if (report?.catamaran === 'lifted') resolve(report as LiftedReport)
    if (report?.catamaran === 'import' && report.url) imported(fileURLToPath(report.url))
  })

  return {
    ended,
    lift(given) {
      asked = true
      order(child, { do: 'lift', given })
      return lifted
    },
    async stop() {
      if (asked) order(child, { do: 'end' })
      else child.kill('SIGKILL')
      const inTime = new AbortController()
      const late = wait(patience, 'late', { signal: inTime.signal }).catch(() => 'in time')
      if ((await Promise.race([ended, late])) === 'late') child.kill('SIGKILL')
      await ended
      inTime.abort()
    },
  }
}

/** A process that has ended meanwhile takes no more orders. */
function order(child: ChildProcess, words: Order): void {
  if (child.connected) child.send(words, () => {})
}
