/**
 * A whole app for tests: lifted on a free port, with browsers that keep one cookie for both transports.
 */
import { io, type Socket } from 'socket.io-client'
import { CookieJar } from 'tough-cookie'
import { type App, type AppOptions, createApp, type Lifted } from '../app.ts'

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

/** One visitor: what `fetch` and the socket get as a cookie, the other sends. */
export interface Browser {
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  post(path: string, body?: unknown): Promise<Answer>
  put(path: string, body?: unknown): Promise<Answer>
  patch(path: string, body?: unknown): Promise<Answer>
  delete(path: string, body?: unknown): Promise<Answer>
  /** A virtual request over the socket, which is opened by the first: `emit('GET /me')`. */
  emit(request: string, data?: unknown): Promise<Ack>
  /** The open socket, for what else it can do. */
  socket(): Promise<Socket>
  /** The session cookie's pair `name=value`, or an empty text. */
  cookie(): string
  close(): void
}

export interface TestApp extends Lifted {
  readonly app: App
  browser(): Browser
  close(): Promise<void>
}

/**
 * Lifts the app in a folder on a free port, silent unless told otherwise.
 *
 * @param overrides - what stands above its configuration, as for `lift()`
 */
export async function testApp(
  root = process.cwd(),
  overrides: object = {},
  options: Omit<AppOptions, 'overrides'> = {},
): Promise<TestApp> {
  const quiet = { port: 0, log: { level: 'silent' } }
  const app = await createApp(root, { ...options, overrides: { ...quiet, ...overrides } })
  const lifted = await app.lift()
  const browsers: Browser[] = []

  return {
    ...lifted,
    app,
    browser() {
      const browser = createBrowser(lifted.url)
      browsers.push(browser)
      return browser
    },
    async close() {
      for (const browser of browsers) browser.close()
      await app.lower()
    },
  }
}

/** A visitor of the app at `url`. */
export function createBrowser(url: string): Browser {
  const jar = new CookieJar()
  let open: Promise<Socket> | undefined

  async function request(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(init.headers)
    if (!headers.has('Cookie')) headers.set('Cookie', cookie())
    const answer = await fetch(new URL(path, url), { ...init, method, headers, redirect: 'manual' })
    for (const line of answer.headers.getSetCookie()) keep(line)
    const text = await answer.text()
    const isJson = answer.headers.get('content-type')?.includes('json')
    return {
      status: answer.status,
      body: isJson ? JSON.parse(text) : text,
      headers: answer.headers,
    }
  }

  function send(method: string) {
    return (path: string, body?: unknown) => {
      const headers = { 'Content-Type': 'application/json' }
      return request(
        method,
        path,
        body === undefined ? {} : { headers, body: JSON.stringify(body) },
      )
    }
  }

  function keep(line: string): void {
    jar.setCookieSync(line, url, { ignoreError: true })
  }

  function cookie(): string {
    return jar.getCookieStringSync(url)
  }

  function connect(): Promise<Socket> {
    const sent = cookie()
    const extraHeaders: Record<string, string> = sent ? { Cookie: sent } : {}
    const socket = io(url, { extraHeaders, forceNew: true, withCredentials: true })
    socket.on('session:ended', ({ reconnect }) => reconnect && socket.close())
    // The next event connects anew, with the cookie as it is then.
    socket.on('disconnect', () => {
      open = undefined
    })
    return new Promise((resolve, reject) => {
      socket.once('connect', () => {
        // Node's client keeps the handshake's cookies to itself.
        const { _cookieJar: own } = socket.io.engine
        for (const [name, { value }] of own?.cookies ?? []) keep(`${name}=${value}; Path=/`)
        resolve(socket)
      })
      socket.once('connect_error', (error) => {
        socket.close()
        reject(error)
      })
    })
  }

  async function emit(line: string, data?: unknown): Promise<Ack> {
    const [verb = 'GET', path = '/'] = line.split(' ')
    open ??= connect()
    const socket = await open
    return socket.timeout(10_000).emitWithAck(verb.toLowerCase(), { url: path, data })
  }

  return {
    get: (path, headers) => request('GET', path, headers ? { headers } : {}),
    post: send('POST'),
    put: send('PUT'),
    patch: send('PATCH'),
    delete: send('DELETE'),
    emit,
    socket: () => {
      open ??= connect()
      return open
    },
    cookie,
    close() {
      open?.then((socket) => socket.close()).catch(() => {})
    },
  }
}
