/** The drop-in in Socket.IO, mounted as people do: `io.engine.use(session(…))`. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import expressSession from 'express-session'
import { Server } from 'socket.io'
import { io as connect } from 'socket.io-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { MemoryStore, type SessionOptions, session } from '../../src/session/dropin.ts'
import { shake, type Transport, transports } from '../sockets/raw.ts'
import type { TestSession } from './ground.ts'

type Make = (options: SessionOptions) => ReturnType<typeof session>
const makers: [string, Make][] = [
  ['express-session', expressSession as unknown as Make],
  ['ours', session],
]
const cases = makers.flatMap(([name, make]) =>
  transports.map((transport) => [name, transport, make] as const),
)

interface Mounting {
  readonly before?: ReturnType<typeof session>
  /** For each socket, by `io.use`, which has no answer to hand over. */
  readonly each?: boolean
}

/** Counts the events of a session, with `reload` and `save` by hand. */
async function startCounting(
  make: Make,
  { before, each = false, ...options }: Mounting & SessionOptions = {},
): Promise<string> {
  const server = createServer()
  const io = new Server(server)
  const usual = { secret: 'keyboard cat', resave: false, saveUninitialized: true }
  if (before) io.engine.use(before)
  const middleware = make({ ...usual, ...options })
  if (each) io.use((socket, next) => middleware(socket.request, {} as never, next as () => void))
  else io.engine.use(middleware)
  io.on('connection', (socket) => {
    const request = socket.request as IncomingMessage & { session: TestSession }
    socket.on('count', (done: (views: unknown) => void) => {
      request.session.reload(() => {
        request.session.views = (request.session.views ?? 0) + 1
        request.session.save(() => done(request.session.views))
      })
    })
  })
  await once(server.listen(0), 'listening')
  onTestFinished(async () => {
    await io.close()
  })
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

async function open(url: string, transport: Transport, cookie: string) {
  const socket = connect(url, {
    transports: [transport],
    extraHeaders: { cookie },
    forceNew: true,
    reconnection: false,
  })
  onTestFinished(() => void socket.close())
  await new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(undefined)).once('connect_error', reject)
  })
  return (): Promise<unknown> => socket.timeout(5_000).emitWithAck('count')
}

const pairOf = (line = '') => line.split(';')[0] ?? ''

describe.each(cases)('%s in Socket.IO over %s', (_name, transport, make) => {
  it('gives a newcomer a cookie with the handshake, and the session behind it', async () => {
    const url = await startCounting(make)

    const { setCookies } = await shake(url, transport)
    const count = await open(url, transport, pairOf(setCookies[0]))

    expect(setCookies).toEqual([expect.stringMatching(/^connect\.sid=s%3A/)])
    expect([await count(), await count()]).toEqual([1, 2])
  })

  it('finds the session of who comes with its cookie', async () => {
    const store = new MemoryStore()
    const url = await startCounting(make, { store })
    const pair = pairOf((await shake(url, 'polling')).setCookies[0])
    const first = await open(url, transport, pair)
    await first()

    const second = await open(url, transport, pair)

    expect(await second()).toBe(2)
    expect((await shake(url, transport, { headers: { cookie: pair } })).setCookies).toEqual([])
  })

  it('gives nothing to a visitor without data where it shall not', async () => {
    const url = await startCounting(make, { saveUninitialized: false })

    const { setCookies } = await shake(url, transport)

    expect(setCookies).toEqual([])
  })
})

describe.each(cases)('%s in io.use of Socket.IO over %s', (_name, transport, make) => {
  it.each<SessionOptions>([{}, { saveUninitialized: false, rolling: true }])(
    'lets in newcomers and who is known, where the answer is an empty object: %o',
    async (options) => {
      const store = new MemoryStore()
      const app = await startCounting(make, { store })
      const pair = pairOf((await shake(app, 'polling')).setCookies[0])
      await (await open(app, transport, pair))()
      const url = await startCounting(make, { store, each: true, ...options })

      const newcomer = await open(url, transport, '')
      const known = await open(url, transport, pair)

      expect([await newcomer(), await known()]).toEqual([1, 2])
    },
  )
})

describe.each(transports)('the drop-in in Socket.IO over %s', (transport) => {
  it('refuses who comes with a cookie while the store is down, and the process goes on', async () => {
    const store = new MemoryStore()
    const url = await startCounting(session, { store })
    const cookie = pairOf((await shake(url, 'polling')).setCookies[0])
    const failing = Object.assign(new MemoryStore(), {
      get: (_id: string, done: (error: Error) => void) => done(new Error('away')),
    })
    const broken = await startCounting(session, { store: failing })

    const { status } = await shake(broken, transport, { headers: { cookie } })

    expect(status).toBeGreaterThanOrEqual(400)
    expect((await shake(broken, transport)).status).toBeLessThan(400)
  })

  it('refuses a newcomer whose session cannot be stored, and the process goes on', async () => {
    const full = Object.assign(new MemoryStore(), {
      set: (_id: string, _session: object, done: (error: Error) => void) => done(new Error('full')),
    })
    const url = await startCounting(session, { store: full })

    const { status, setCookies } = await shake(url, transport)

    expect(status).toBeGreaterThanOrEqual(400)
    expect(setCookies).toEqual([])
    expect((await shake(url, transport)).status).toBe(status)
  })

  it('sets its cookie beside that of another middleware, each on a line', async () => {
    const url = await startCounting(session, {
      before(_req, res, next) {
        res.setHeader('Set-Cookie', 'theme=dark')
        next()
      },
    })

    const { setCookies } = await shake(url, transport)

    expect(setCookies).toEqual(['theme=dark', expect.stringMatching(/^connect\.sid=s%3A/)])
  })
})
