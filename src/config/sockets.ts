/**
 * `config/sockets.ts`: transports, who may connect, limits of a message.
 * Spelt as in Sails and Socket.IO, with their units.
 */
import type { IncomingMessage } from 'node:http'
import type * as zod from 'zod'
import { alias, fn, noPattern, seconds } from './kinds.ts'
import { storeKeys } from './store-keys.ts'
import { z } from './zod.ts'

/** Decides whether a handshake may go on. */
export type BeforeConnect = (
  handshake: IncomingMessage,
  proceed: (error?: unknown, allowed?: boolean) => void,
) => unknown

/** Runs with the session of a socket; `done`, a promise or nothing says when it has finished. */
export type SocketHook = (session: never, socket: never, done: (error?: unknown) => void) => unknown

/** What a `createAdapter` of Socket.IO's packages gives. */
export type SocketAdapter = (namespace: never) => unknown

/** What is wrong with an origin; `undefined` when it is exactly what a browser sends. */
function originFault(text: string): string | undefined {
  if (!/^https?:\/\//.test(text)) return 'must begin with http:// or https://'
  if (!URL.canParse(text)) return 'is no origin: write it like https://example.com'
  const { origin, hostname } = new URL(text)
  if (hostname.includes('*')) return noPattern
  return text === origin ? undefined : `must be exactly what browsers send: write '${origin}'`
}

const origin = z.string().superRefine((text, context) => {
  const fault = originFault(text)
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
})

const rate = z.strictObject({
  /** Events a second. */
  perSecond: z.number().positive('must be above 0'),
  /** Events at once. */
  burst: z.int().min(1, 'must be 1 or more'),
})

const milliseconds = () => z.int().positive('must be milliseconds above 0')

/** What Sails apps write for the adapter on redis. */
const redisAdapters: readonly unknown[] = [
  'socket.io-redis',
  '@sailshq/socket.io-redis',
  '@socket.io/redis-adapter',
]

const adapter = z
  .custom<string | SocketAdapter>(
    (value) => typeof value === 'function' || (typeof value === 'string' && value !== ''),
    "must be 'redis', 'memory', a package's name, or what Socket.IO's io.adapter() takes",
  )
  .transform((value) => (redisAdapters.includes(value) ? 'redis' : value))

/** The schema of `config/sockets.ts`. */
export const socketsConfig = z.strictObject({
  /** How clients may connect. */
  transports: z
    .array(z.enum(['polling', 'websocket']))
    .min(1, "must name 'polling', 'websocket' or both")
    .default(['polling', 'websocket']),
  /** Address at which Socket.IO is served. */
  path: z
    .string()
    .regex(/^\/[^/]/, "must be a path such as '/socket.io': everything below it is Socket.IO's")
    .default('/socket.io'),
  /** Other origins whose pages may connect, exactly as browsers send them; unset: same origin only. */
  origins: z.array(origin).optional(),
  /** Sails' spelling of `origins`. */
  onlyAllowOrigins: alias<string[]>('origins'),
  /** Decides instead of the origin rules; `false` lets everyone in, as in Sails. */
  beforeConnect: z
    .union([z.boolean(), fn<BeforeConnect>()], { error: 'must be a function, true or false' })
    .optional(),
  /** Called when a socket has connected: `(session, socket)`; the session is saved after it. */
  onConnect: fn<SocketHook>().optional(),
  /** Called when a socket has gone: `(session, socket, done)`; the session is saved after `done`. */
  afterDisconnect: fn<SocketHook>().optional(),
  /** Sails' older spelling of `afterDisconnect`. */
  onDisconnect: alias<SocketHook>('afterDisconnect'),
  /** Let clients of Socket.IO 2 in, such as `sails.io.js`. */
  allowEIO3: z.boolean().default(true),
  /** Largest message, in bytes. */
  maxHttpBufferSize: z.int().positive('must be bytes above 0').default(1_000_000),
  /** Most binary parts of a message. */
  maxAttachments: z.int().min(0, 'must be 0 or more').default(4),
  /** Most bytes that may wait for a client that does not read them; one with more is disconnected. */
  maxBacklog: z.int().positive('must be bytes above 0').default(4_000_000),
  /** How many events a socket may send: so many a second, and so many at once; `false`: any number. */
  rate: z
    .union([z.literal(false), rate], { error: 'must be { perSecond, burst } or false' })
    .default({ perSecond: 50, burst: 200 }),
  /** For so many **seconds** a lost connection may be taken up again, with its rooms and what it missed. */
  recovery: z
    .union([z.literal(false), seconds()], { error: 'must be seconds above 0, or false' })
    .default(false),
  /** **Milliseconds** between two pings. */
  pingInterval: milliseconds().default(25_000),
  /** **Milliseconds** a client may take to answer a ping. */
  pingTimeout: milliseconds().default(20_000),
  /** Serve `/__getcookie` for pages of other sites; in the Sails profile only. */
  grant3rdPartyCookie: z.boolean().default(true),
  /** Let `catamaran/client` fetch the cookies that events set, and serve it as `/catamaran.js`. */
  client: z.boolean().default(true),
  /** `false`: acknowledgements carry no headers, as an option of Sails has it. */
  sendResponseHeaders: z.boolean().default(true),
  /** `false`: acknowledgements carry no status; `sails.io.js` then takes it to be 200. */
  sendStatusCode: z.boolean().default(true),
  /**
   * What connects the nodes: `'redis'`, `'memory'` (nothing does), a package with `createAdapter`, or what
   * Socket.IO's `io.adapter()` takes. Unset: redis where the sessions are in redis.
   */
  adapter: adapter.optional(),
  /** What the `createAdapter` of a named package is called with. */
  adapterOptions: z.looseObject({}).optional(),
  // The Redis of `adapter: 'redis'`, where it is not the session's.
  url: storeKeys.url,
  cluster: storeKeys.cluster,
  host: storeKeys.host,
  port: storeKeys.port,
  db: storeKeys.db,
  username: storeKeys.username,
  pass: storeKeys.pass,
  password: storeKeys.password,
  tls: storeKeys.tls,
  /** **Seconds** before its session ends that a socket gets `session:expiring`; `false`: never. */
  expiring: z.union([seconds(), z.literal(false)]).default(60),
})

/** What an app writes in `config/sockets.ts`. */
export type SocketsConfigInput = zod.input<typeof socketsConfig>

/** What the framework reads. */
export type SocketsConfig = zod.output<typeof socketsConfig>
