/**
 * The handshake: may this page connect, and whose session does it come with? Asked of the same cookie and
 * by the same origin rules as HTTP; CORS does not cover WebSocket, so this is the gate.
 */
import type { IncomingMessage } from 'node:http'
import type { Request } from 'express'
import type { Config } from '../config/schema.ts'
import type { BeforeConnect } from '../config/sockets.ts'
import type { Identified } from '../session/arrival.ts'
import type { AttachCookies } from '../session/cookies.ts'
import type { Sessions } from '../session/lifecycle.ts'
import type { SailsProfile } from './sails-profile.ts'

/** What a connection keeps of its handshake, for all its events. */
export interface Shake extends Identified {
  /** No event of this connection has a session. */
  readonly sessionless?: boolean | undefined
  /** Why none of its requests can be read. */
  readonly fault?: string | undefined
  /** The headers an event's request has, whatever the message says. */
  readonly headers: Readonly<Record<string, string>>
  /** Host and port as the client knows them. */
  readonly host: string | undefined
  readonly ip: string | undefined
  readonly ips: string[]
  readonly protocol: string
  readonly secure: boolean
  /** How many sessions had ended when this one was looked up. */
  readonly since: number
  /** How many changes of public fields there had been then. */
  readonly sinceChange: number
}

export interface HandshakeOptions {
  readonly sessions: Sessions
  /** The prototype of the Express app's requests: it knows the trusted proxies. */
  readonly prototype: Request
  readonly attachCookies: AttachCookies
  readonly config: Pick<Config, 'sockets' | 'http'>
  readonly profile?: SailsProfile | undefined
  /** How many sessions have ended so far. */
  endings(): number
  /** How many changes of public fields there have been so far. */
  readonly changes?: (() => number) | undefined
  onError(error: unknown): void
  warn(message: string): void
}

export interface Handshake {
  /** Engine.IO's `allowRequest`: decides, and finds the session. */
  allow(req: IncomingMessage, done: (fault: string | null, allowed: boolean) => void): void
  /** Whether a later request of a connection may come from where it does. */
  mayFollow(req: IncomingMessage): boolean
  /** Whether a request comes from a page that may connect by our own rules, or from no page. */
  isOwnPage(req: IncomingMessage): boolean
  shakeOf(req: IncomingMessage): Shake | undefined
}

/** Of a session that has not begun. */
const noLife = { seconds: 0, atMost: Number.POSITIVE_INFINITY }

/** Headers that only the handshake can say. */
const kept = /^(host|origin|cookie|user-agent|accept-language|forwarded|x-forwarded-.*|x-real-ip)$/

export function createHandshake(options: HandshakeOptions): Handshake {
  const { sessions, attachCookies, prototype, onError, warn, profile } = options
  const { sockets, http } = options.config
  const { beforeConnect } = sockets
  const trustsProxy = http.trustProxy !== false
  const shakes = new WeakMap<IncomingMessage, Shake>()
  let refusedBefore = false
  // The app decides about connections; about their later requests there is nothing to ask it.
  const mayFollow =
    typeof beforeConnect === 'function' || beforeConnect === false ? () => true : isAllowedOrigin

  function allow(
    req: IncomingMessage,
    done: (fault: string | null, allowed: boolean) => void,
  ): void {
    admit(req).then(
      (allowed) => done(allowed ? null : 'Forbidden', allowed),
      (error: unknown) => {
        onError(error)
        done('Forbidden', false)
      },
    )
  }

  async function admit(req: IncomingMessage): Promise<boolean> {
    attachCookies(req)
    const allowed =
      typeof beforeConnect === 'function' ? await asked(beforeConnect, req) : mayFollow(req)
    if (allowed) shakes.set(req, await shake(req))
    else if (mayFollow === isAllowedOrigin) tellRefused(req)
    return allowed
  }

  /** Only once: who may not connect tries again and again, and may call itself what it likes. */
  function tellRefused({ headers }: IncomingMessage): void {
    if (refusedBefore) return
    refusedBefore = true
    warn(
      `a page of ${JSON.stringify(headers.origin?.slice(0, 100))} may not connect its socket: ` +
        'if it is yours, name it in origins of config/sockets (this is said once)',
    )
  }

  function isAllowedOrigin(req: IncomingMessage): boolean {
    const { origin } = req.headers
    // Native apps and Node send none; a browser always does.
    if (origin === undefined) return true
    return sockets.origins?.includes(origin) || isSameOrigin(origin, req)
  }

  function isSameOrigin(given: string, req: IncomingMessage): boolean {
    if (!/^https?:/.test(given) || !URL.canParse(given)) return false
    const { origin, protocol, host } = new URL(given)
    // What isn't spelt as browsers do comes from none.
    if (origin !== given) return false
    const page = expressRequest(req)
    // The scheme counts where it is known: a proxy that is not trusted may speak TLS for us.
    const known = page.secure || trustsProxy
    const here = hostOf(protocol, page.host)
    return host === here && (!known || protocol === `${page.protocol}:`)
  }

  function expressRequest(req: IncomingMessage): Request {
    return Object.assign(Object.create(prototype) as Request, {
      headers: req.headers,
      socket: req.socket,
    })
  }

  async function shake(req: IncomingMessage): Promise<Shake> {
    const page = expressRequest(req)
    const { host, ip, ips, protocol, secure } = page
    const since = options.endings()
    const sinceChange = options.changes?.() ?? 0
    const found = await sessionOf(page, req)
    const headers = keptHeaders(req)
    const spoken = profile ? 'ws' : protocol
    return { ...found, headers, host, ip, ips, protocol: spoken, secure, since, sinceChange }
  }

  async function sessionOf(page: Request, req: IncomingMessage) {
    const without = profile?.withoutSession(req)
    const fault = profile?.faultOf(req)
    const sessionless = without === 'messages'
    // Nothing is looked up or stored for such a connection; its first event with a session will see to it.
    if (sessionless || (without && req.headers.cookie === undefined)) {
      return { identity: sessions.fresh(), cookie: undefined, life: noLife, sessionless, fault }
    }
    return { ...(await sessions.identify(page, req.headers.cookie)), fault }
  }

  return { allow, mayFollow, isOwnPage: isAllowedOrigin, shakeOf: (req) => shakes.get(req) }
}

/** The app's own rule: by callback, or as a value or promise of true or false. */
function asked(beforeConnect: BeforeConnect, req: IncomingMessage): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const proceed = (error?: unknown, allowed?: boolean) => {
      if (error) reject(error)
      else resolve(allowed === true)
    }
    const decide = (allowed: unknown) => typeof allowed === 'boolean' && resolve(allowed)
    const result = beforeConnect(req, proceed)
    if (result instanceof Promise) result.then(decide, reject)
    else decide(result)
  })
}

/** Host and port as an origin has them: lower-case, without the scheme's own port. */
function hostOf(protocol: string, host: string | undefined): string | undefined {
  const address = `${protocol}//${host}`
  return host !== undefined && URL.canParse(address) ? new URL(address).host : undefined
}

function keptHeaders(req: IncomingMessage): Readonly<Record<string, string>> {
  const pairs = Object.entries(req.headers).filter(([name]) => kept.test(name))
  return Object.freeze(Object.fromEntries(pairs.map(([name, value]) => [name, String(value)])))
}

/** Whether a header of a message would claim what only the handshake can say. */
export function isHandshakeHeader(name: string): boolean {
  return kept.test(name)
}
