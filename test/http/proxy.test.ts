import type { Request } from 'express'
import { describe, expect, it } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'
import { ask } from './ask.ts'

const routes = {
  'GET /who': ({ ip, ips, protocol, secure, hostname }: Request) => ({
    ip: ip?.replace(/^::ffff:/, ''),
    ips: ips.map((one) => one.replace(/^::ffff:/, '')),
    protocol,
    secure,
    hostname,
  }),
  'POST /login': (req: Request) => {
    req.session.seen = 'ada'
    return 'in'
  },
}
const forwarded = {
  'x-forwarded-for': '203.0.113.7, 198.51.100.2',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'example.com',
}

async function who(trustProxy: unknown, headers: Record<string, string> = forwarded) {
  const { port } = await liftFiles({}, { routes, host: '127.0.0.1', http: { trustProxy } })
  const { body } = await ask(`http://127.0.0.1:${port}`, '/who', { headers })
  return JSON.parse(body)
}

const own = { ip: '127.0.0.1', ips: [], protocol: 'http', secure: false, hostname: '127.0.0.1' }
const client = { protocol: 'https', secure: true, hostname: 'example.com' }

describe('http.trustProxy', () => {
  it('is off: what a request says of itself counts for nothing', async () => {
    expect(await who(false)).toEqual(own)
  })

  it('true: the farthest address is the client', async () => {
    const ips = ['203.0.113.7', '198.51.100.2']

    expect(await who(true)).toEqual({ ...client, ip: '203.0.113.7', ips })
    expect(await who(true, {})).toEqual(own)
  })

  it('a number: so many proxies are ours', async () => {
    expect(await who(1)).toMatchObject({ ...client, ip: '198.51.100.2', ips: ['198.51.100.2'] })
    expect(await who(2)).toMatchObject({ ...client, ip: '203.0.113.7' })
  })

  it('a list or a name: these addresses are ours', async () => {
    expect(await who(['127.0.0.1', '198.51.100.0/24'])).toMatchObject({ ip: '203.0.113.7' })
    expect(await who('loopback')).toMatchObject({ ...client, ip: '198.51.100.2' })
    expect(await who(['10.0.0.0/8'])).toEqual(own)
  })

  it('a function: it decides', async () => {
    const answer = await who((address: string, hop: number) => hop === 0 && address !== '')

    expect(answer).toMatchObject({ ...client, ip: '198.51.100.2' })
  })

  it('counts for events of a socket too', async () => {
    const app = await liftFiles({}, { routes, http: { trustProxy: 1 } })
    const { io } = await import('socket.io-client')
    const socket = io(app.url, { extraHeaders: forwarded, forceNew: true })

    const { body } = await socket.emitWithAck('get', { url: '/who' })
    socket.close()

    expect(body).toMatchObject({ ip: '198.51.100.2', protocol: 'https', secure: true })
  })
})

describe('a secure session cookie', () => {
  const session = { cookie: { secure: true } }

  it('is set behind a trusted proxy that speaks TLS, and not otherwise', async () => {
    const { url } = await liftFiles({}, { routes, session, http: { trustProxy: 1 } })
    const login = (headers: Record<string, string>) =>
      ask(url, '/login', { method: 'POST', headers })

    const secure = await login({ 'x-forwarded-proto': 'https' })
    const plain = await login({ 'x-forwarded-proto': 'http' })

    expect(secure.headers['set-cookie']?.[0]).toMatch(/^sails\.sid=.*; Secure/)
    expect(plain.headers['set-cookie']).toBeUndefined()
  })

  it('is not set when anybody could say so', async () => {
    const { url } = await liftFiles({}, { routes, session })
    const headers = { 'x-forwarded-proto': 'https' }

    const answer = await ask(url, '/login', { method: 'POST', headers })

    expect(answer.headers['set-cookie']).toBeUndefined()
  })
})
