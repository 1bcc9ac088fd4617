/**
 * What can be said to `catamaran sessions`, and what its actions work with.
 */
import type { Config } from '../config/schema.ts'
import type { Values } from './command.ts'
import type { Terminal } from './terminal.ts'

/** The options of all its actions. */
export const options = {
  from: {
    type: 'string',
    value: 'store',
    default: 'previous',
    summary: 'copy: where sessions are: previous, an adapter or an address',
  },
  to: {
    type: 'string',
    value: 'store',
    default: 'session',
    summary: 'copy: where they go: session (what the app uses), an adapter or an address',
  },
  keep: { type: 'boolean', summary: 'copy: leave the old store as it is' },
  in: {
    type: 'string',
    value: 'store',
    default: 'session',
    summary: 'list, count, clear: the store',
  },
  yes: { type: 'boolean', summary: 'clear: end all sessions, without asking' },
  json: { type: 'boolean', summary: 'Print JSON' },
} as const

/** The options as they were given. */
export type SessionsOptions = Values<typeof options>

/** What an action works with. */
export interface SessionsContext extends Pick<Config, 'session' | 'sockets' | 'root'> {
  readonly options: SessionsOptions
  readonly terminal: Terminal
}
