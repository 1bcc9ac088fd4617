/**
 * A visitor for tests: one cookie jar for HTTP and socket.
 */
import { io, type Socket } from 'socket.io-client'
import type { Clock } from '../session/store.ts'
import { createJar, type Jar } from './jar.ts'

export interface Answer {
  readonly status: number
  /** Parsed where it is JSON, else the text. */
  readonly body: unknown
  readonly headers: Headers
}

export interface Ack {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: unknown
}

type SentHeaders = Readonly<Record<string, string>>

/** Sends a body as JSON; a text, `FormData` and `URLSearchParams` as `fetch` does. */
type Send = (path: string, body?: unknown, headers?: SentHeaders) => Promise<Answer>

/** One visitor: what `fetch` and the socket get as a cookie, the other sends. */
export interface Browser {
  get(path: string, headers?: SentHeaders): Promise<Answer>
  readonly post: Send
  readonly put: Send
  readonly patch: Send
  readonly delete: Send
  /** A virtual request over the socket, which is opened by the first: `emit('GET /me')`. */
  emit(request: string, data?: unknown, headers?: SentHeaders): Promise<Ack>
  /**
   * What the next event of this name brings over the socket; to be asked for before what causes it.
   *
   * @param seconds - how long to wait until it rejects; 5 unless given
   */
  next(event: string, seconds?: number): Promise<unknown>
  /** The open socket, for what else it can do. */
  socket(): Promise<Socket>
  /** The session cookie's pair `name=value`, or an empty text. */
  cookie(): string
  /** The same visitor, with the same cookies, at another node, with a socket of its own there. */
  at(node: { readonly url: string }): Browser
  close(): void
}

export interface BrowserOptions {
  readonly clock?: Clock
  readonly jar?: Jar
}

/** A visitor of the app at `url`. */
export function createBrowser(url: string, options: BrowserOptions = {}): Browser {
  const { clock = Date.now, jar = createJar(clock) } = options
  const elsewhere: Browser[] = []
  let open: Promise<Socket> | undefined
  /** All there ever were: one that is no longer used may be there still, or try to come back. */
  const lines: Promise<Socket>[] = []
  /** Told that their session is over, and to come back. */
  const leaving = new WeakSet<Socket>()
  const cookie = () => jar.cookiesFor(url)

  async function request(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(init.headers)
    if (!headers.has('Cookie')) headers.set('Cookie', cookie())
    const answer = await fetch(new URL(path, url), { ...init, method, headers, redirect: 'manual' })
    for (const line of answer.headers.getSetCookie()) jar.keep(line, url)
    const text = await answer.text()
    const isJson = answer.headers.get('content-type')?.includes('json')
    return {
      status: answer.status,
      body: isJson && text ? JSON.parse(text) : text,
      headers: answer.headers,
    }
  }

  function send(method: string): Send {
    return (path, body, headers) => request(method, path, sending(body, headers))
  }

  function socket(): Promise<Socket> {
    open ??= openLine()
    return open
  }

  /** When it is over, the next event connects anew, with the cookie as it is then. */
  function openLine(): Promise<Socket> {
    const forget = () => {
      if (open === opening) open = undefined
    }
    const opening = connect(url, jar).then((socket) => {
      socket.on('disconnect', forget)
      socket.on('session:ended', ({ reconnect }) => {
        if (!reconnect) return
        // The server cuts it soon; until then what is under way may be answered.
        socket.io.reconnection(false)
        leaving.add(socket)
        forget()
      })
      return socket
    })
    lines.push(opening)
    opening.catch(forget)
    return opening
  }

  async function emit(line: string, data?: unknown, headers: SentHeaders = {}): Promise<Ack> {
    const [verb = 'GET', path = '/'] = line.split(' ')
    const opened = await socket()
    const message = { url: path, data, headers }
    const ack: Ack = await opened.timeout(10_000).emitWithAck(verb.toLowerCase(), message)
    // Refused unrun; `catamaran/client` asks again, too.
    const isRefused = Object(ack.body).code === 'E_SESSION_ENDED' && leaving.has(opened)
    return isRefused ? emit(line, data, headers) : ack
  }

  return {
    get: (path, headers = {}) => request('GET', path, { headers }),
    post: send('POST'),
    put: send('PUT'),
    patch: send('PATCH'),
    delete: send('DELETE'),
    emit,
    next: async (event, seconds) => nextOf(await socket(), event, seconds),
    socket,
    cookie,
    at(node) {
      const browser = createBrowser(node.url, { clock, jar })
      elsewhere.push(browser)
      return browser
    },
    close() {
      for (const browser of elsewhere) browser.close()
      for (const line of lines) line.then((socket) => socket.close()).catch(() => {})
    },
  }
}

function sending(body: unknown, headers: SentHeaders = {}): RequestInit {
  if (body === undefined) return { headers }
  if (typeof body === 'string' || body instanceof FormData || body instanceof URLSearchParams) {
    return { headers, body }
  }
  return { headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) }
}

function connect(url: string, jar: Jar): Promise<Socket> {
  const sent = jar.cookiesFor(url)
  const extraHeaders: Record<string, string> = sent ? { Cookie: sent } : {}
  const socket = io(url, { extraHeaders, forceNew: true, withCredentials: true })
  return new Promise((resolve, reject) => {
    socket.once('connect', () => {
      // Node's client keeps the handshake's cookies to itself.
      const { _cookieJar: own } = socket.io.engine
      for (const [name, { value }] of own?.cookies ?? []) jar.keep(`${name}=${value}; Path=/`, url)
      resolve(socket)
    })
    socket.once('connect_error', (error) => {
      socket.close()
      reject(error)
    })
  })
}

function nextOf(socket: Socket, event: string, seconds = 5): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.off(event, heard)
      reject(new Error(`no '${event}' came within ${seconds} seconds`))
    }, seconds * 1000)
    function heard(value: unknown): void {
      clearTimeout(timer)
      resolve(value)
    }
    socket.once(event, heard)
  })
}
