/**
 * The global `sails` of a Sails app, on request (`config/globals`: `sails: true`): configuration, log and
 * rooms. No ORM, no hooks.
 */
import { format } from '../builtin.ts'
import type { Config } from '../config/schema.ts'
import type { Log } from '../log.ts'
import type { Rooms } from '../sockets/rooms.ts'
import type { Walk } from '../walk.ts'
import { installSailsMembers } from './sails-members.ts'
import { createSailsSockets, type SailsSockets } from './sails-sockets.ts'

/** A function that logs at one level, with the others as its members, as Sails' does. */
type SailsLog = ((...words: unknown[]) => void) & Record<string, (...words: unknown[]) => void>

export interface Sails {
  /** Sets the globals and gives `sails.sockets` its rooms and `sails.io` the server; before the lift there are none. */
  connect(rooms: Rooms, io: object): void
  /** Gives the requests and responses of an Express app what actions of Sails expect of them. */
  dress(
    app: { readonly request: object; readonly response: object },
    matchOf: Walk['matchOf'],
  ): void
  /** Takes the globals away again. */
  remove(): void
}

interface SailsGlobal {
  readonly config: Config & { readonly appPath: string }
  readonly log: SailsLog
  sockets: SailsSockets | undefined
  io: object | undefined
}

/** Sails' level names and pino's. In Sails `debug` weighs more than `info`, and is shown by default. */
const levels = {
  silly: 'trace',
  verbose: 'debug',
  debug: 'info',
  info: 'info',
  blank: 'info',
  warn: 'warn',
  error: 'error',
  crit: 'fatal',
} as const

/** Sets the globals the app asked for: `sails`, and `_` and `async` where it gave a library. */
export function createSails(config: Config, log: Log): Sails {
  const sails: SailsGlobal = {
    config: { ...config, appPath: config.root },
    log: createSailsLog(log),
    sockets: undefined,
    io: undefined,
  }
  const { _, async } = config.globals
  const globals = Object.entries({ sails, _, async }).filter(([, value]) => value)

  function set(): void {
    for (const [name, value] of globals) Reflect.set(globalThis, name, value)
  }

  // The app's files may use them as soon as they are loaded.
  set()
  return {
    dress: (app, matchOf) => installSailsMembers(app, sails, matchOf),
    connect(rooms, io) {
      set()
      sails.io = io
      sails.sockets = createSailsSockets(rooms)
    },
    remove() {
      for (const [name, value] of globals) {
        if (Reflect.get(globalThis, name) === value) Reflect.deleteProperty(globalThis, name)
      }
    },
  }
}

function createSailsLog(log: Log): SailsLog {
  const at = (level: (typeof levels)[keyof typeof levels]) => {
    return (...words: unknown[]) => log[level](format(...words))
  }
  const named = Object.entries(levels).map(([name, level]) => [name, at(level)] as const)
  return Object.assign(at(levels.debug), Object.fromEntries(named)) as SailsLog
}
