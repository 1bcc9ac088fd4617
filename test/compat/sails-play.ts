/**
 * How an app of Sails is asked for the cases beside this: by bare messages, by handshakes of all kinds, and
 * over HTTP. What differs from one run to the next is told by a word.
 */
import { connectSails, oldClient, requestSails, type SailsSocket } from '../sockets/sails-client.ts'

/** A message as it goes over the wire. */
export interface MessageCase {
  readonly does: string
  readonly event?: string
  readonly message: unknown
  readonly answer: object
  /** What Sails 1.5.18 answers, where ours is another on purpose. */
  readonly sails?: object
}

export interface HandshakeCase {
  readonly does: string
  /** Given the app's url and the cookie of a session that has counted one. */
  connect(url: string, cookie: string): object
  readonly ask: string
  /** What three requests in a row find. */
  readonly answer: readonly unknown[]
  readonly sails?: readonly unknown[]
}

export interface HttpCase {
  /** Verb and address. */
  readonly ask: string
  readonly body?: string
  readonly type?: string
  readonly answer: HttpAnswer
  readonly sails?: HttpAnswer
}

interface HttpAnswer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Lines of `Set-Cookie`; the usual one unless given. */
  readonly cookies?: readonly string[]
}

const usual = { body: '', headers: {}, cookies: ['sails.sid=ID; Path=/; HttpOnly'] }

/** The whole of what an answer is to be. */
export function whole(answer: HttpAnswer): HttpAnswer {
  return { ...usual, ...answer }
}

/** What is acknowledged; without the id of a session, and without stacks. */
export async function playMessage(url: string, { event = 'get', message }: MessageCase) {
  const socket = await connectSails(url, {
    transports: ['websocket'],
    initialConnectionHeaders: { origin: url, cookie: 'theme=dark' },
  })
  const ack = await new Promise<object>((resolve) => socket._raw.emit(event, message, resolve))
  socket.disconnect()
  const { stack: _, details: __, name: ___, ...told } = ack as Record<string, unknown>
  return plain(url, told)
}

/** What each of three requests finds. */
export async function playHandshake(url: string, { connect, ask }: HandshakeCase) {
  const first = await fetch(`${url}/counter`)
  const cookie = first.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const socket: SailsSocket = await connectSails(url, {
    transports: ['websocket'],
    ...connect(url, cookie),
  })
  const seen: unknown[] = []
  for (let n = 0; n < 3; n += 1) {
    const { body } = await requestSails(socket, { method: 'get', url: ask })
    const { id: _, ...told } = body as { id?: string }
    seen.push(told)
  }
  socket.disconnect()
  return seen
}

const shown = ['content-type', 'location', 'x-exit', 'x-probe']

/** What a visitor without a cookie is answered. */
export async function playHttp(url: string, { ask, body, type }: HttpCase): Promise<object> {
  const [method = '', path] = ask.split(' ')
  const answer = await fetch(url + path, {
    method,
    headers: { accept: 'application/json', ...(type !== undefined && { 'content-type': type }) },
    ...(body !== undefined && { body }),
    redirect: 'manual',
  })
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.includes('json') && text !== ''
  return plain(url, {
    status: answer.status,
    body: isJson ? JSON.parse(text) : text,
    headers: Object.fromEntries([...answer.headers].filter(([name]) => shown.includes(name))),
    cookies: answer.headers.getSetCookie(),
  })
}

/** Says `ID` for ids and `URL` for the app's address. */
function plain(url: string, value: object): object {
  // Sails leaves `isSocket` out over HTTP.
  const sparing = (key: string, item: unknown) => (key === 'isSocket' && !item ? undefined : item)
  const text = JSON.stringify(value, sparing)
    .replaceAll(/s%3A[\w-]{32}\.[\w%]+/g, 'ID')
    .replaceAll(/"id":"[\w-]{32}"/g, '"id":"ID"')
    .replaceAll(url, 'URL')
    .replaceAll(new URL(url).host, 'HOST')
  return JSON.parse(text)
}

/** A client of Socket.IO 2 that says by its address, or by a header, which SDK it is. */
export interface VersionCase {
  readonly version: string
  readonly header?: string
  /** Whether its messages are taken. */
  readonly taken: boolean
  /** Whether Sails itself ends by it. */
  readonly fatal?: true
}

/** Whether a message of such a client is answered. */
export async function playVersion(url: string, { version, header }: VersionCase) {
  const name = '__sails_io_sdk_version'
  const connect = oldClient() as (url: string, options: object) => BareSocket
  const socket = connect(url, {
    transports: ['websocket'],
    forceNew: true,
    ...(version !== '' && { query: { [name]: version } }),
    ...(header !== undefined && { extraHeaders: { [name]: header } }),
  })
  const ack = await new Promise<object>((resolve) => {
    socket.emit('get', { url: '/user/1' }, resolve)
  })
  socket.close()
  return 'body' in ack
}

interface BareSocket {
  emit(event: string, message: object, done: (ack: object) => void): void
  close(): void
}
