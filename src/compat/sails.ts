/**
 * The global `sails` of a Sails app, on request (`config/globals`: `sails: true`): configuration, log and
 * rooms. No ORM, no hooks.
 */
import type { Config } from '../config/schema.ts'
import type { Log } from '../log.ts'
import type { Rooms } from '../sockets/rooms.ts'

/** A function that logs at one level, with the others as its members, as Sails' does. */
type SailsLog = ((...words: unknown[]) => void) & Record<string, (...words: unknown[]) => void>

export interface Sails {
  /** Gives `sails.sockets` its rooms; before the lift there are none. */
  connect(rooms: Rooms): void
  /** Takes the globals away again. */
  remove(): void
}

interface SailsGlobal {
  readonly config: Config
  readonly log: SailsLog
  sockets: Rooms | undefined
}

/** Sails' level names and pino's. */
const levels = {
  silly: 'trace',
  verbose: 'debug',
  debug: 'debug',
  info: 'info',
  blank: 'info',
  warn: 'warn',
  error: 'error',
  crit: 'fatal',
} as const

/** Sets the globals the app asked for: `sails`, and `_` and `async` where it gave a library. */
export function createSails(config: Config, log: Log): Sails {
  const sails: SailsGlobal = { config, log: createSailsLog(log), sockets: undefined }
  const { _, async } = config.globals
  const globals = Object.entries({ sails, _: _ || undefined, async: async || undefined })
  const set = globals.filter(([, value]) => value !== undefined)
  for (const [name, value] of set) Reflect.set(globalThis, name, value)

  return {
    connect(rooms) {
      sails.sockets = rooms
    },
    remove() {
      for (const [name, value] of set) {
        if (Reflect.get(globalThis, name) === value) Reflect.deleteProperty(globalThis, name)
      }
    },
  }
}

function createSailsLog(log: Log): SailsLog {
  const at = (level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal') => {
    return (...words: unknown[]) => log[level](words.map(textOf).join(' '))
  }
  const named = Object.entries(levels).map(([name, level]) => [name, at(level)] as const)
  return Object.assign(at('debug'), Object.fromEntries(named)) as SailsLog
}

function textOf(word: unknown): string {
  if (typeof word === 'string') return word
  return word instanceof Error ? (word.stack ?? word.message) : JSON.stringify(word)
}
