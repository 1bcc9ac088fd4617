import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Request } from 'express'
import { io } from 'socket.io-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'
import { ask } from './ask.ts'

/** A key for `localhost` that is for these tests alone. */
const folder = join(import.meta.dirname, '..', 'fixtures', 'tls')
const key = readFileSync(join(folder, 'key.pem'), 'utf8')
const cert = readFileSync(join(folder, 'cert.pem'), 'utf8')

const routes = {
  'POST /login': (req: Request) => {
    req.session.seen = 'ada'
    return { secure: req.secure, protocol: req.protocol }
  },
  'GET /me': (req: Request) => ({ seen: req.session.seen, secure: req.secure }),
}
const overTls = {
  routes,
  ssl: { key, cert },
  session: { cookie: { secure: true } },
}

describe('an app with a key', () => {
  it('is lifted at an https address', async () => {
    const { url } = await liftFiles({}, overTls)

    const { status, body } = await ask(url, '/login', { method: 'POST', ca: cert })

    expect(url).toMatch(/^https:\/\/localhost:\d+$/)
    expect(status).toBe(200)
    expect(JSON.parse(body)).toEqual({ secure: true, protocol: 'https' })
  })

  it('sets secure cookies, and knows them again', async () => {
    const { url } = await liftFiles({}, overTls)

    const { headers } = await ask(url, '/login', { method: 'POST', ca: cert })
    const [line = ''] = headers['set-cookie'] ?? []
    const me = await ask(url, '/me', { ca: cert, headers: { cookie: line.split(';')[0] ?? '' } })

    expect(line).toContain('; Secure')
    expect(JSON.parse(me.body)).toEqual({ seen: 'ada', secure: true })
  })

  it('has the same session over wss', async () => {
    const { url } = await liftFiles({}, overTls)
    const { headers } = await ask(url, '/login', { method: 'POST', ca: cert })
    const [line = ''] = headers['set-cookie'] ?? []
    const socket = io(url, {
      ca: cert,
      transports: ['websocket'],
      extraHeaders: { cookie: line.split(';')[0] ?? '', origin: url },
    })
    onTestFinished(() => void socket.close())

    const { body } = await socket.emitWithAck('get', { url: '/me' })

    expect(body).toEqual({ seen: 'ada', secure: true })
  })

  it('tells browsers to come back over https and to fetch all so', async () => {
    const { url } = await liftFiles({}, overTls)

    const { headers } = await ask(url, '/me', { ca: cert })

    expect(headers['strict-transport-security']).toMatch(/max-age=\d{7}/)
    expect(headers['content-security-policy']).toContain('upgrade-insecure-requests')
  })

  it('is lowered though somebody holds a connection open and says nothing', async () => {
    const { app, port } = await liftFiles({}, overTls)
    const silent = connect(port, 'localhost')
    onTestFinished(() => void silent.destroy())
    await once(silent, 'connect')
    const began = performance.now()

    await app.lower()

    expect(performance.now() - began).toBeLessThan(2000)
  })

  it.each([
    ['another key’s certificate', { key, cert: otherCert() }],
    ['a key that is broken', { key: key.replace(/\n.{20}/, '\n'), cert }],
  ])('says so when it is given %s', async (_what, ssl) => {
    await expect(liftFiles({}, { ...overTls, ssl })).rejects.toMatchObject({
      code: 'E_TLS',
      message: expect.stringMatching(/^The key or certificate of ssl cannot be used: /),
    })
  })
})

/** Base64 that is a certificate no more. */
function otherCert(): string {
  return cert.replace(/\n.{20}/, `\n${'A'.repeat(20)}`)
}
