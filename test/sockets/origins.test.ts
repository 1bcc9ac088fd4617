import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'
import { allowed, files, type Headers, knock, refusals } from './knock.ts'
import { shake, transports } from './raw.ts'

/** None of these is what a browser on http://good.example:1337 sends. */
const tricks = [
  'http://evil.example',
  'https://evil.example',
  'null',
  '',
  'http://good.example',
  'http://good.example:1338',
  'http://good.example:13370',
  'http://good.example:133',
  'http://good.example.evil.example:1337',
  'http://evilgood.example:1337',
  'http://evil-good.example:1337',
  'http://sub.good.example:1337',
  'http://good.example.:1337',
  'http://.good.example:1337',
  'http://good.example:1337.evil.example',
  'http://good.example:1337@evil.example',
  'http://evil.example@good.example:1337',
  'http://user:pass@good.example:1337',
  'http://evil.example/http://good.example:1337',
  'http://evil.example#good.example:1337',
  'http://evil.example?good.example:1337',
  'http://good.example:1337/',
  'http://good.example:1337/page',
  'HTTP://good.example:1337',
  'http://GOOD.example:1337',
  'http://ｇood.example:1337',
  'http://gооd.example:1337',
  'http://good%2eexample:1337',
  'http://good.example:1337, http://evil.example',
  'http://evil.example http://good.example:1337',
  'ws://good.example:1337',
  'wss://good.example:1337',
  'ftp://good.example:1337',
  'file://good.example:1337',
  'file://',
  'javascript://good.example:1337',
  'chrome-extension://good.example:1337',
  'blob:http://good.example:1337',
  '//good.example:1337',
  'good.example:1337',
  '*',
]

describe.each(transports)('W1: the origin of a handshake over %s', (transport) => {
  const refused = refusals[transport]
  it.each(['localhost', '127.0.0.1', '[::1]', 'example.com', 'xn--mnchen-3ya.de'])(
    'lets the page of the same host in: %s',
    async (name) => {
      const app = await liftFiles(files)
      const host = `${name}:${app.port}`

      expect(await knock(app, transport, { Host: host, Origin: `http://${host}` })).toBe(
        allowed[transport],
      )
    },
  )

  it('lets the page of a host without port in', async () => {
    const app = await liftFiles(files)
    const pages = [
      { Host: 'example.com', Origin: 'http://example.com' },
      { Host: 'example.com:80', Origin: 'http://example.com' },
      { Host: 'EXAMPLE.com', Origin: 'http://example.com' },
      // A proxy that nobody told us of speaks TLS.
      { Host: 'example.com', Origin: 'https://example.com' },
      { Host: 'example.com:443', Origin: 'https://example.com' },
    ]

    const statuses = await Promise.all(pages.map((page) => knock(app, transport, page)))

    expect(statuses).toEqual(pages.map(() => allowed[transport]))
  })

  it('lets a client without origin in', async () => {
    const app = await liftFiles(files)

    expect(await knock(app, transport, {})).toBe(allowed[transport])
  })

  it.each(['development', 'production'])(
    'refuses every other origin, however it is spelt, in %s',
    async (environment) => {
      const app = await liftFiles(files, { environment })

      for (const origin of tricks) {
        // As bytes: Node's client sends no more than Latin-1.
        const Origin = Buffer.from(origin).toString('latin1')
        const status = await knock(app, transport, { Host: 'good.example:1337', Origin })
        expect({ origin, status }).toEqual({ origin, status: refused })
      }
    },
  )

  it.each(['development', 'production'])('lets its own page in, in %s', async (environment) => {
    const app = await liftFiles(files, { environment })
    const Origin = `http://localhost:${app.port}`

    expect(await knock(app, transport, { Origin })).toBe(allowed[transport])
  })

  it.each([
    ['origins', 'development'],
    ['onlyAllowOrigins', 'production'],
  ])('lets exactly the list of %s in, and its own, in %s', async (key, environment) => {
    const origins = ['https://app.example', 'http://app.example:8080']
    const app = await liftFiles(files, { sockets: { [key]: origins }, environment })
    const own = `http://localhost:${app.port}`
    const others = [
      'http://app.example',
      'https://app.example:8080',
      'https://app.example.evil.example',
      'https://sub.app.example',
      'https://app.exampl',
      'null',
    ]

    const good = [...origins, own].map((Origin) => knock(app, transport, { Origin }))
    const bad = others.map((Origin) => knock(app, transport, { Origin }))

    expect(await Promise.all(good)).toEqual(good.map(() => allowed[transport]))
    expect(await Promise.all(bad)).toEqual(bad.map(() => refused))
  })

  it('heeds X-Forwarded-Host and its scheme from a trusted proxy', async () => {
    const app = await liftFiles(files, { http: { trustProxy: 'loopback' } })
    const proxied = { 'X-Forwarded-Host': 'good.example', 'X-Forwarded-Proto': 'https' }
    const knockFrom = (Origin: string, more: Headers = proxied) =>
      knock(app, transport, { Origin, ...more })

    expect(await knockFrom('https://good.example')).toBe(allowed[transport])
    expect(await knockFrom('http://good.example')).toBe(refused)
    expect(await knockFrom(`http://localhost:${app.port}`)).toBe(refused)
    expect(await knockFrom(`http://localhost:${app.port}`, {})).toBe(allowed[transport])
    expect(await knockFrom(`https://localhost:${app.port}`, {})).toBe(refused)
  })

  it.each([
    ['no proxy is trusted', false],
    ['another proxy is trusted', '10.1.1.1'],
  ])('does not heed X-Forwarded-Host where %s', async (_, trustProxy) => {
    const app = await liftFiles(files, { http: { trustProxy } })

    const status = await knock(app, transport, {
      Origin: 'http://evil.example',
      'X-Forwarded-Host': 'evil.example',
    })

    expect(status).toBe(refused)
  })

  it.each(['development', 'production'])(
    'lets nobody go on with a connection of polling from elsewhere, in %s',
    async (environment) => {
      const app = await liftFiles(files, { environment })
      const { sid } = await shake(app.url, 'polling')

      const status = (Origin: string) => shake(app.url, transport, { sid, headers: { Origin } })

      expect((await status('http://evil.example')).status).toBe(400)
      expect((await status('null')).status).toBe(400)
      expect((await status(`http://localhost:${app.port}`)).status).toBe(allowed[transport])
    },
  )
})

describe('W1: a page of another origin, which names none for a script', () => {
  it.each([
    ['3', {}],
    ['4', {}],
    ['3', { beforeConnect: false }],
  ])('can run no answer of polling as one (Engine.IO %s, %j)', async (version, sockets) => {
    const app = await liftFiles(files, { sockets })
    const ask = (more: string) =>
      fetch(new URL(`/socket.io/?EIO=${version}&transport=polling${more}`, app.url))

    const [plain, script] = [await ask(''), await ask('&j=0')]

    expect([plain.status, script.status]).toEqual([200, 400])
    expect(await script.text()).not.toContain('___eio')
    expect(script.headers.getSetCookie()).toEqual([])
  })
})

/** A key for `localhost` that is for these tests alone. */
const pem = (name: string) =>
  readFileSync(join(import.meta.dirname, '..', 'fixtures', 'tls', `${name}.pem`))
const ca = pem('cert')

describe.each(transports)('W1: the scheme of a page that connects over %s', (transport) => {
  const ways: readonly [string, object, Headers][] = [
    ['TLS is ours', { ssl: { key: pem('key'), cert: ca } }, {}],
    [
      'a trusted proxy speaks TLS',
      { http: { trustProxy: 'loopback' } },
      { 'X-Forwarded-Proto': 'https' },
    ],
  ]
  const rows = ways.flatMap((way) =>
    ['development', 'production'].map((environment) => [...way, environment] as const),
  )

  it.each(rows)('is https where %s, and no other', async (_, overrides, more, environment) => {
    const { url, port } = await liftFiles(files, { ...overrides, environment })
    const status = async (Origin: string) =>
      (await shake(url, transport, { headers: { Origin, ...more }, ca })).status

    expect(await status(`https://localhost:${port}`)).toBe(allowed[transport])
    expect(await status(`http://localhost:${port}`)).toBe(refusals[transport])
    expect(await status('http://localhost')).toBe(refusals[transport])
  })
})

describe('a page of another origin that may connect', () => {
  const Origin = 'https://app.example'

  it.each([
    ['is in the list', { origins: [Origin] }],
    ['was let in by beforeConnect', { beforeConnect: () => true }],
    ['is let in with everyone', { beforeConnect: false }],
  ])('may read the answers of polling, with its cookies, as it %s', async (_, sockets) => {
    const app = await liftFiles(files, { sockets })

    const answer = await fetch(new URL('/socket.io/?EIO=4&transport=polling', app.url), {
      headers: { Origin },
    })

    expect(answer.status).toBe(200)
    expect(answer.headers.get('access-control-allow-origin')).toBe(Origin)
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true')
  })

  it('may not where it may not connect', async () => {
    const app = await liftFiles(files)

    const answer = await fetch(new URL('/socket.io/?EIO=4&transport=polling', app.url), {
      headers: { Origin },
    })

    expect(answer.status).toBe(403)
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })
})
