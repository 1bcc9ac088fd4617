/**
 * The connection, and the requests that wait for it or for their answers.
 */
import type { Socket } from 'socket.io-client'
import { isRefusal, RequestError } from './answers.ts'
import type { CookieJar, SessionEvent } from './contract.ts'
import type { Desk } from './desk.ts'

/** A request that has no answer yet. */
interface Job {
  readonly event: string
  readonly data: readonly unknown[]
  /** May be sent twice. */
  readonly isSafe: boolean
  sent: boolean
  /** Was refused because its session had just moved on. */
  refused: boolean
  settle(ack: unknown): void
  fail(code: string, message: string): void
}

export interface LineParts {
  readonly socket: Socket
  readonly desk: Desk
  readonly queue: number
  readonly url: URL
  readonly jar: CookieJar | undefined
  tell(event: SessionEvent): void
}

export function createLine({ socket, desk, queue, tell, url, jar }: LineParts) {
  const jobs = new Set<Job>()
  /** The connection is to be left for a new one: nothing more is sent over it. */
  let leaving: ReturnType<typeof setTimeout> | undefined
  /** The session has ended, and nobody waits for a connection: it comes back as a stranger's. */
  let resting: ReturnType<typeof setTimeout> | undefined
  let closed = false

  function bringCookie(): void {
    if (jar) socket.io.opts.extraHeaders = { cookie: jar.get(url.href) }
  }

  function open(): void {
    clearTimeout(resting)
    bringCookie()
    socket.connect()
  }

  function reopen(): void {
    closed = false
    clearTimeout(leaving)
    leaving = undefined
    socket.disconnect()
    open()
  }

  function later(milliseconds: number): void {
    clearTimeout(leaving)
    leaving = setTimeout(() => !closed && reopen(), milliseconds)
  }

  function close(): void {
    closed = true
    clearTimeout(leaving)
    clearTimeout(resting)
    leaving = undefined
    desk.stop()
    socket.disconnect()
    for (const job of [...jobs]) job.fail('E_DISCONNECTED', 'the client was closed')
  }

  function transmit(job: Job): void {
    job.sent = true
    desk.use()
    socket.emit(job.event, ...job.data, (ack: unknown) => job.settle(ack))
  }

  function send(
    event: string,
    data: readonly unknown[],
    { timeout, isSafe }: { timeout: number; isSafe: boolean },
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer)
        if (jobs.delete(job)) settle()
      }
      const job: Job = {
        ...{ event, data, isSafe, sent: false, refused: false },
        settle(ack) {
          if (isRefusal(ack) && leaving !== undefined && !job.refused) {
            // It was not run: the session has moved on, and the next connection knows it.
            Object.assign(job, { sent: false, refused: true })
          } else void desk.settled().then(() => finish(() => resolve(ack)))
        },
        fail: (code, message) => finish(() => reject(new RequestError(0, code, message))),
      }
      const timer = setTimeout(job.fail, timeout * 1000, 'E_TIMEOUT', `${timeout} s without answer`)
      const isFull = [...jobs].filter(({ sent }) => !sent).length >= queue
      jobs.add(job)
      if (socket.connected && leaving === undefined) transmit(job)
      else if (isFull) job.fail('E_QUEUE_FULL', `${queue} requests wait for a connection`)
      else if (!socket.active && leaving === undefined) open()
    })
  }

  socket.io.on('reconnect_attempt', bringCookie)
  socket.on('connect', () => {
    for (const line of cookiesOf(socket)) jar?.set(line, url.href)
    for (const job of [...jobs]) if (!job.sent) transmit(job)
  })
  socket.on('disconnect', (reason) => {
    for (const job of [...jobs].filter(({ sent }) => sent)) {
      if (job.isSafe) job.sent = false
      else job.fail('E_DISCONNECTED', 'the connection broke before the answer came')
    }
    // Socket.IO comes back by itself, but not when the server hung up: it may be starting anew.
    if (reason === 'io server disconnect' && !closed) later(500 + Math.random() * 1000)
  })
  socket.on('connect_error', () => {
    if (!socket.active && !closed) later(1000 + Math.random() * 1000)
  })
  socket.on('session:cookie', ({ endsIn }: { endsIn: number }) => desk.keep(endsIn))
  socket.on('session:ticket', async ({ ticket }: { ticket: string }) => {
    if (!(await desk.redeem(ticket)) && !closed) reopen()
  })
  socket.on('session:ended', (ending: { reason: string; reconnect: boolean }) => {
    // What was sent may still be answered before the server hangs up; cookies need a moment, too.
    if (ending.reconnect) later([...jobs].some(({ sent }) => sent) ? 400 : 50)
    else {
      socket.disconnect()
      // Over HTTP the browser is still to be told that its cookie is void.
      clearTimeout(resting)
      resting = setTimeout(open, 1000 + Math.random() * 1000)
      Object(resting).unref?.()
    }
    tell({ type: 'ended', ...ending })
  })

  return { open, reopen, close, send }
}

/** Cookies that Node's client got with the handshake, and keeps to itself; as `Set-Cookie` lines. */
function cookiesOf(socket: Socket): string[] {
  const kept: Map<string, { value: string; expires?: Date }> | undefined = Object(socket.io.engine)
    ._cookieJar?.cookies
  return [...(kept ?? [])].map(([name, { value, expires }]) => {
    return `${name}=${value}; Path=/${expires ? `; Expires=${expires.toUTCString()}` : ''}`
  })
}
