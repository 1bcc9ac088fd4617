import { describe, expect, it } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'
import { allowed, files, type Headers, knock, refusals } from './knock.ts'
import { shake, transports } from './raw.ts'

describe.each(transports)('beforeConnect over %s', (transport) => {
  const refused = refusals[transport]
  const evil = { Origin: 'http://evil.example' }
  const decided: Record<string, readonly [beforeConnect: unknown, lets: boolean]> = {
    false: [false, true],
    true: [true, false],
    'a callback of true': [(_: unknown, done: Callback) => done(null, true), true],
    'a callback of false': [(_: unknown, done: Callback) => done(null, false), false],
    'a callback of nothing': [(_: unknown, done: Callback) => done(), false],
    'a callback of an error': [(_: unknown, done: Callback) => done(new Error('no'), true), false],
    'a late callback': [(_: unknown, done: Callback) => setTimeout(done, 5, null, true), true],
    'an async callback': [async (_: unknown, done: Callback) => done(null, true), true],
    'a promise of true': [async () => true, true],
    'a promise of false': [async () => false, false],
    'true at once': [() => true, true],
    'false at once': [() => false, false],
    'a rejection': [
      async () => {
        throw new Error('no')
      },
      false,
    ],
    'a thrown error': [
      () => {
        throw new Error('no')
      },
      false,
    ],
  }
  type Callback = (error?: unknown, allowed?: boolean) => void

  it.each(Object.entries(decided))('decides by %s', async (_, [beforeConnect, lets]) => {
    const app = await liftFiles(files, { sockets: { beforeConnect } })

    const status = await knock(app, transport, evil)

    expect(status).toBe(lets ? allowed[transport] : refused)
  })

  it('keeps its own page out when it says so', async () => {
    const app = await liftFiles(files, { sockets: { beforeConnect: () => false } })

    expect(await knock(app, transport, { Origin: `http://localhost:${app.port}` })).toBe(refused)
  })

  it('may ask for cookies and headers of the handshake', async () => {
    const beforeConnect = (req: { signedCookies: object; cookies: Headers }) =>
      req.cookies['door'] === 'open' && !('door' in req.signedCookies)
    const app = await liftFiles(files, { sockets: { beforeConnect } })

    expect(await knock(app, transport, { Cookie: 'door=open' })).toBe(allowed[transport])
    expect(await knock(app, transport, { Cookie: 'door=shut' })).toBe(refused)
  })

  it('decides for the requests that follow, too', async () => {
    const app = await liftFiles(files, { sockets: { beforeConnect: false } })
    const { sid } = await shake(app.url, 'polling', { headers: evil })

    const { status } = await shake(app.url, transport, { sid, headers: evil })

    expect(status).toBe(allowed[transport])
  })

  it('keeps its reasons to itself', async () => {
    const beforeConnect = () => Promise.reject(new Error('secret reason'))
    const app = await liftFiles(files, { sockets: { beforeConnect } })

    const { body } = await shake(app.url, transport)

    expect(body).not.toContain('secret reason')
  })
})
