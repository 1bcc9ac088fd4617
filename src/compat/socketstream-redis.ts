/**
 * `ss.session.store.use('redis', config)`: what connect-redis of SocketStream's time took, brought to our
 * redis store. What it took and ours does not is refused by name, never passed over.
 */
import { didYouMean } from '../config/closest.ts'
import { CatamaranError } from '../errors.ts'
import type { SessionStore } from '../session/store.ts'
import { openStore } from '../session/stores/open.ts'

/** What `use('redis', …)` takes. */
export interface RedisConfig {
  host?: string
  port?: number
  /** Path of a unix socket, in place of host and port. */
  socket?: string
  /** `redis://`, `rediss://` or `unix://`, in place of host, port and socket. */
  url?: string
  pass?: string
  db?: number
  prefix?: string
  /** **Seconds** a session lives unused whose cookie has no `maxAge`. */
  ttl?: number
  /** A connected client of today's `redis`. */
  client?: object
}

const taken = ['host', 'port', 'socket', 'url', 'pass', 'db', 'prefix', 'ttl', 'client']
/** Why not, where it is known what was meant. */
const reasons: Readonly<Record<string, string>> = {
  disableTTL: 'every session has an end here: give `ttl` in seconds',
  unref: 'ss.stop() closes the connection',
}

/** @throws {CatamaranError} `E_STORE_OPTIONS` for a setting that would have no effect */
export function refuseUnknown(config: object): void {
  const isMeant = ([, value]: [string, unknown]) => value !== undefined && value !== false
  const names = Object.entries(config).filter(isMeant)
  const found = names.find(([name]) => !taken.includes(name))
  if (!found) return
  const [name] = found
  const other = `give ${taken.slice(0, -1).join(', ')}, or a connected \`client\``
  const reason = reasons[name] ?? (didYouMean(name, taken).trim() || other)
  throw new CatamaranError('E_STORE_OPTIONS', ['redis', `\`${name}\` is not taken, ${reason}`])
}

/** Opens the store; one that is down is no error. */
export function openRedis(config: RedisConfig, warn: (said: string) => void) {
  const { host, port, socket, pass, db, prefix, client } = config
  const url = config.url ?? (socket && `unix://${encodePath(socket)}`)
  const place = { ...(host && { host }), ...(port && { port }), ...(prefix && { prefix }) }
  const access = { ...(url && { url }), ...(pass && { password: pass }) }
  const connection = { ...place, ...access, ...(db !== undefined && { db }) }
  return openStore(
    { adapter: 'redis', connection, client },
    { root: process.cwd(), clock: Date.now, warn },
  )
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

/** A store that is still being opened: whoever asks it waits. */
export function lateStore(opening: Promise<SessionStore>): SessionStore {
  // Whoever asks is told.
  opening.catch(() => {})
  return {
    name: 'redis',
    reach: 'nodes',
    read: async (...given) => (await opening).read(...given),
    create: async (...given) => (await opening).create(...given),
    swap: async (...given) => (await opening).swap(...given),
    touch: async (...given) => (await opening).touch(...given),
    destroy: async (...given) => (await opening).destroy(...given),
    async *list() {
      yield* (await opening).list()
    },
    count: async () => (await opening).count(),
    clear: async () => (await opening).clear(),
    check: async () => (await opening).check(),
    close: () => opening.then((store) => store.close()),
  }
}
