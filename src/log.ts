/**
 * The app's log: pino, as JSON lines, or as lines for people on a terminal.
 */

import { createRequire } from 'node:module'
import type { Logger } from 'pino'
import { styleText } from './builtin.ts'
import type { LogConfig, LogLevel } from './config/log.ts'
import { CatamaranError } from './errors.ts'
import { shortHash } from './session/published.ts'
import type { SessionReport } from './session/settings.ts'

type Level = Exclude<LogLevel, 'silent'>

/** What the app writes: `(message)` or `(fields, message)` at each level. */
export type Log = Readonly<Record<Level, (...words: [object | string, string?]) => void>>

const levels: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

/** Opens the log with its first line: a start that has nothing to say does not load pino. */
export function createLog(config: LogConfig): Log {
  let opened: Logger | undefined
  const writer = (level: Level) => {
    return (...[first, second]: [object | string, string?]) => {
      opened ??= openLog(config)
      if (typeof first === 'string') opened[level](first)
      else opened[level](first, second)
    }
  }
  return Object.fromEntries(levels.map((level) => [level, writer(level)])) as unknown as Log
}

/** What is written is out before the call returns, so that nothing is lost at an exit. */
function openLog({ level, pretty }: LogConfig): Logger {
  const pino = createRequire(import.meta.url)('pino') as typeof import('pino').default
  const { stdout } = process
  const options = { level, base: undefined }
  if (pretty ?? stdout.isTTY) {
    return pino(options, { write: (line) => stdout.write(forPeople(line, pino.levels.labels)) })
  }
  return pino(options, pino.destination({ dest: 1, sync: true }))
}

interface Line {
  readonly level: number
  readonly msg?: string
  readonly err?: { readonly stack?: string }
}

function forPeople(json: string, labels: Readonly<Record<number, string>>): string {
  const { level, msg, err } = JSON.parse(json) as Line
  const label = labels[level] ?? 'info'
  const colour = level >= 50 ? 'red' : level >= 40 ? 'yellow' : 'dim'
  const lines = [
    `${styleText(colour, label.padEnd(5))} ${msg ?? ''}`,
    ...(err?.stack ? [err.stack] : []),
  ]
  return `${lines.join('\n')}\n`
}

/** Says in the log what happened to sessions; their ids never stand there. */
export function createReport(
  log: Log,
  sockets: Pick<Required<SessionReport>, 'ended' | 'replaced' | 'moved' | 'changed'>,
): SessionReport {
  return {
    ...sockets,
    dropped: (id) =>
      log.warn(`session ${shortHash(id)}: late changes were dropped, it had ended meanwhile`),
    merged: (id, paths) =>
      log.debug(`session ${shortHash(id)}: changed twice at once: ${paths.join(', ')}`),
    unreadable: (id) =>
      log.warn(`session ${shortHash(id)}: its stored text can't be read; its visitor starts anew`),
    warn: (message) => log.warn(message),
  }
}

/** Logs an error by the id of its request; of an outage the store tells, here a line without a stack is enough. */
export function logError(log: Log, error: unknown, id?: string): void {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof CatamaranError && error.status === 503) log.warn({ id }, message)
  else log.error({ err: error, id }, message)
}
