/**
 * `config/log.ts`: how much is logged. Sails' level names are brought to pino's.
 */
import type * as zod from 'zod'
import { keyMeta, later } from './kinds.ts'
import { z } from './zod.ts'

/** pino's levels, the most talkative first. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

const levels = {
  silly: 'trace',
  trace: 'trace',
  verbose: 'debug',
  debug: 'debug',
  info: 'info',
  blank: 'info',
  warn: 'warn',
  error: 'error',
  crit: 'fatal',
  fatal: 'fatal',
  silent: 'silent',
} as const satisfies Record<string, LogLevel>

const level = z.literal(Object.keys(levels) as (keyof typeof levels)[])

/** The schema of `config/log.ts`. */
export const logConfig = z.strictObject({
  /** The least that is logged; both Sails' and pino's names. */
  level: level.default('info').transform((name): LogLevel => levels[name]),
  /** Lines for people instead of JSON; unset: when the output is a terminal. */
  pretty: z.boolean().optional(),
  /** At which level each request and event has a line; `false`: none. */
  requests: z
    .union([z.literal(false), level], { error: "must be a level such as 'info', or false" })
    .default('debug')
    .transform((name): LogLevel | false => name && levels[name]),
  custom: later(),
  inspect: z.boolean().optional().register(keyMeta, { note: 'log.inspect has no effect' }),
})

/** What an app writes in `config/log.ts`. */
export type LogConfigInput = zod.input<typeof logConfig>

/** What the framework reads. */
export type LogConfig = zod.output<typeof logConfig>
