import { describe, expect, it } from 'vitest'
import { type Files, liftFiles } from '../support/lift-files.ts'
import { connect } from './client.ts'

const verbs = ['get', 'post', 'put', 'patch', 'delete', 'options', 'head']

/** What of a request the tests look at. */
const files: Files = {
  'config/routes.mjs': `
    const seen = (req) => ({
      method: req.method, url: req.url, path: req.path, params: req.params, query: req.query,
      body: req.body, headers: req.headers, cookies: req.cookies, signed: req.signedCookies,
      ip: req.ip, ips: req.ips, protocol: req.protocol, secure: req.secure, host: req.host,
      hostname: req.hostname, baseUrl: req.baseUrl, originalUrl: req.originalUrl, xhr: req.xhr,
      agent: req.get('User-Agent'), isSocket: req.isSocket, wantsJSON: req.wantsJSON,
      all: req.allParams(), socketId: req.socket.id, sessionID: req.sessionID,
    })
    const verbs = ${JSON.stringify(verbs)}
    export default {
      ...Object.fromEntries(verbs.map((verb) => [verb + ' /verb', (req) => ({ verb: req.method })])),
      '/see': seen,
      '/see/:id': seen,
    }`,
}

type Seen = Record<string, unknown> & { headers: Record<string, string> }

async function see(data: unknown = undefined, url = '/see') {
  const app = await liftFiles(files)
  const browser = app.browser()
  const { body } = await browser.emit(`POST ${url}`, data)
  return { app, browser, seen: body as Seen }
}

describe('a virtual request', () => {
  it.each(verbs)('%s has its method from the event', async (verb) => {
    const app = await liftFiles(files)
    const socket = await app.browser().socket()

    const ack = await socket.emitWithAck(verb, { url: '/verb', method: 'TRACE' })

    expect(ack).toEqual({ statusCode: 200, headers: {}, body: { verb: verb.toUpperCase() } })
  })

  it('has path, params and query as over HTTP', async () => {
    const { browser, seen } = await see({ c: 3 }, '/see/7?a=1&a=2&b=x%20y')

    const http = (await browser.post('/see/7?a=1&a=2&b=x%20y', { c: 3 })).body
    const members = ['url', 'path', 'params', 'query', 'body', 'baseUrl', 'originalUrl', 'all']

    for (const member of members) expect(seen[member]).toEqual((http as Seen)[member])
    expect(seen).toMatchObject({ params: { id: '7' }, query: { a: ['1', '2'], b: 'x y' } })
  })

  it('knows its client as HTTP does', async () => {
    const { app, browser, seen } = await see()

    const http = (await browser.get('/see')).body
    const members = ['ips', 'protocol', 'secure', 'host', 'hostname']

    for (const member of members) expect(seen[member]).toEqual((http as Seen)[member])
    expect(seen['ip']).toMatch(/^(::1|(::ffff:)?127\.0\.0\.1)$/)
    expect(seen).toMatchObject({ host: `localhost:${app.port}`, isSocket: true, wantsJSON: true })
  })

  it.each([true, 1, 'loopback', ['loopback', '10.0.0.0/8']])(
    'believes the proxy of its handshake where trustProxy is %j',
    async (trustProxy) => {
      const app = await liftFiles(files, { http: { trustProxy } })
      const extraHeaders = {
        'X-Forwarded-For': '203.0.113.9',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Host': 'good.example',
      }

      const socket = await connect(app.url, { extraHeaders })
      const { body } = await socket.emitWithAck('get', { url: '/see' })

      expect(body).toMatchObject({
        ip: '203.0.113.9',
        protocol: 'https',
        secure: true,
        host: 'good.example',
        hostname: 'good.example',
      })
    },
  )

  it('has the headers and cookies of its handshake', async () => {
    const app = await liftFiles(files)
    const extraHeaders = { Cookie: 'theme=dark; j=j:[1]', 'User-Agent': 'probe', Origin: app.url }

    const socket = await connect(app.url, { extraHeaders })
    const { body } = await socket.emitWithAck('get', { url: '/see' })

    expect(body).toMatchObject({ cookies: { theme: 'dark', j: [1] }, agent: 'probe' })
    expect(body.headers).toMatchObject({ origin: app.url, host: `localhost:${app.port}` })
  })

  it.each([
    ['a list', [1, 'two', { three: 3 }]],
    ['a text', 'text'],
    ['a number', 7],
    ['false', false],
    ['an object', { a: { b: [1] } }],
  ])('takes %s as its body', async (_, data) => {
    const { seen } = await see(data)

    expect(seen['body']).toEqual(data)
  })

  it('joins params and data to one body, as Sails does', async () => {
    const app = await liftFiles(files)
    const socket = await app.browser().socket()

    const { body } = await socket.emitWithAck('post', {
      url: '/see',
      params: { a: 1, b: 1 },
      data: { b: 2 },
    })

    expect(body.body).toEqual({ a: 1, b: 2 })
  })

  it('takes other headers from the message, as texts in lower case', async () => {
    const app = await liftFiles(files)
    const socket = await app.browser().socket()

    const { body } = await socket.emitWithAck('get', {
      url: '/see',
      headers: { 'X-Probe': 'yes', Authorization: 'Bearer x', 'x-number': 7, 'x-null': null },
    })

    expect(body.headers).toMatchObject({
      'x-probe': 'yes',
      authorization: 'Bearer x',
      'x-number': '7',
      'x-null': 'null',
    })
  })

  it.each([
    'cookie',
    'origin',
    'host',
    'forwarded',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-forwarded-anything',
    'x-real-ip',
    'user-agent',
  ])('never takes %s from the message, whatever its case', async (name) => {
    const app = await liftFiles(files, { http: { trustProxy: true } })
    const browser = app.browser()
    const socket = await browser.socket()
    const honest = (await browser.emit('GET /see')).body
    const title = name.replace(/\b\w/g, (letter) => letter.toUpperCase())
    // The Kelvin sign is a k in lower case.
    const spellings = [name, title, name.toUpperCase(), name.replace('k', '\u212a')]

    for (const spelling of spellings) {
      const headers = { [spelling]: 'evil.example' }
      const { body } = await socket.emitWithAck('get', { url: '/see', headers })
      expect({ spelling, body }).toEqual({ spelling, body: honest })
    }
  })
})
