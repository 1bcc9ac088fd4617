/**
 * Where `catamaran/client` finds what it asks for over HTTP, and what its answers are made with.
 */
import type { IncomingMessage } from 'node:http'
import type { Config } from '../config/schema.ts'
import type { SessionMiddleware } from '../session/express.ts'
import type { Sessions } from '../session/lifecycle.ts'
import type { Walk } from '../walk.ts'

export interface ClientParts {
  readonly session: SessionMiddleware
  readonly sessions: Sessions
  readonly config: Config
  readonly walk: Walk
  isOwnPage(req: IncomingMessage): boolean
}

/** Where the client is served from. */
export const clientFile = '/catamaran.js'
/** Where the client redeems tickets and renews its cookie. */
export const cookieDesk = '/__catamaran/session'
