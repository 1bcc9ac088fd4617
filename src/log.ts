/**
 * The app's log: pino, as JSON lines, or as lines for people on a terminal.
 */
import { createHash } from 'node:crypto'
import { styleText } from 'node:util'
import pino, { type Logger } from 'pino'
import type { LogConfig } from './config/log.ts'

export type Log = Logger

/** Opens the log; what is written is out before the call returns, so that nothing is lost at an exit. */
export function createLog({ level, pretty }: LogConfig): Log {
  const { stdout } = process
  const options = { level, base: undefined }
  if (pretty ?? stdout.isTTY)
    return pino(options, { write: (line) => stdout.write(forPeople(line)) })
  return pino(options, pino.destination({ dest: 1, sync: true }))
}

/** How an id is named where people can read it. */
export function shortHash(id: string): string {
  return createHash('sha256').update(id).digest('base64url').slice(0, 8)
}

interface Line {
  readonly level: number
  readonly msg?: string
  readonly err?: { readonly stack?: string }
}

function forPeople(json: string): string {
  const { level, msg, err } = JSON.parse(json) as Line
  const label = pino.levels.labels[level] ?? 'info'
  const colour = level >= 50 ? 'red' : level >= 40 ? 'yellow' : 'dim'
  const lines = [
    `${styleText(colour, label.padEnd(5))} ${msg ?? ''}`,
    ...(err?.stack ? [err.stack] : []),
  ]
  return `${lines.join('\n')}\n`
}
