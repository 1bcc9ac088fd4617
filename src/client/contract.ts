/**
 * What `catamaran/client` takes and gives. Types only: the client itself is one file, which browsers load
 * as it is.
 */
import type { ManagerOptions, Socket, SocketOptions } from 'socket.io-client'

export interface ClientOptions {
  /** Where Socket.IO is served; `/socket.io`. */
  readonly path?: string
  /** **Seconds** a request may take, the wait for a connection included; 10. */
  readonly timeout?: number
  /** Requests that may wait for a connection; 100. */
  readonly queue?: number
  /** Where cookies are kept outside of browsers; without one they are not kept at all. */
  readonly jar?: CookieJar
  /** Further options of Socket.IO's client. */
  readonly socket?: Partial<ManagerOptions & SocketOptions>
}

/** A cookie jar, such as tough-cookie's behind two functions. */
export interface CookieJar {
  /** The `Cookie` header for an address. */
  get(url: string): string
  /** Keeps what a `Set-Cookie` line says. */
  set(line: string, url: string): void
}

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** **Seconds**, instead of the client's. */
  readonly timeout?: number
}

/** An answer of a status below 400. */
export interface Answer<T = unknown> {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: T
}

/** Public fields that have changed; `null` is not set any more. */
export type ChangedFields<Fields extends object> = {
  readonly [Name in keyof Fields]?: Fields[Name] | null
}

/** What happens to the session of this browser, whoever did it and wherever. */
export type SessionEvent<Fields extends object = Record<string, unknown>> =
  | { readonly type: 'changed'; readonly fields: ChangedFields<Fields> }
  | { readonly type: 'ended'; readonly reason: string; readonly reconnect: boolean }
  | { readonly type: 'expiring'; readonly in: number }

/** A verb of HTTP, over the socket. */
export type Ask = <T = unknown>(
  path: string,
  data?: unknown,
  options?: RequestOptions,
) => Promise<Answer<T>>

/** @typeParam Fields - the fields that the app's `config/session` declares public */
export interface Client<Fields extends object = Record<string, unknown>> {
  readonly get: Ask
  readonly post: Ask
  readonly put: Ask
  readonly patch: Ask
  readonly delete: Ask
  readonly head: Ask
  readonly options: Ask
  /** Sends an event of the app's own, `'ON chat:message'` in its routes; gives what it is acknowledged with. */
  emit<T = unknown>(event: string, ...data: unknown[]): Promise<T>
  /**
   * Listens: `'session'` tells what happens to the session, `'connect'` and `'disconnect'` of the connection,
   * any other name is an event the server sends.
   *
   * @returns what ends it
   */
  on(event: 'session', listener: (event: SessionEvent<Fields>) => void): () => void
  on(event: string, listener: (...data: never[]) => void): () => void
  /** The session's public fields that are set, as the server has told them last: an object that lives on. */
  readonly session: Readonly<Partial<Fields>>
  readonly connected: boolean
  /** Connects, or connects anew with the cookie the browser has now; a request does so by itself. */
  connect(): void
  /** Ends the connection; what waits is rejected. */
  close(): void
  /** Socket.IO's own. */
  readonly socket: Socket
}
