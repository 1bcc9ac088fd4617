import { describe, expect, it } from 'vitest'
import { middlewareOrder } from '../../src/config/http.ts'
import { load, problems, strongSecret } from './folder.ts'

const secret = { 'config/session.ts': `export const session = { secret: '${strongSecret}' }` }

/** Loads an app whose only unusual file sets one subject to this JavaScript. */
const one = (subject: string, value: string) =>
  load({ ...secret, [`config/${subject}.ts`]: `export default ${value}` })

/** The problem lines of such an app, without the file's name. */
async function faults(subject: string, value: string): Promise<string[]> {
  const lines = await problems({ ...secret, [`config/${subject}.ts`]: `export default ${value}` })
  return lines.map((line) => line.replace(`config/${subject}.ts · `, ''))
}

describe('config/http', () => {
  it('has our order unless the app sets one', async () => {
    const { config } = await load(secret)

    expect(config.http).toMatchObject({ trustProxy: false, static: 'assets', bodyLimit: '100kb' })
    expect(config.http.middleware.order).toEqual(middlewareOrder)
    expect(middlewareOrder.join(' ')).toBe(
      'requestId helmet health static cookies session body router notFound error',
    )
  })

  it("takes Sails' names, and leaves out with a note what has no counterpart", async () => {
    const { config, notes } = await one(
      'http',
      `{ middleware: {
        order: ['cookieParser', 'session', 'passport', 'bodyParser', 'compress', 'poweredBy', 'router', 'www', 'favicon', '404', '500'],
        passport: (req, res, next) => next(),
      } }`,
    )

    expect(config.http.middleware.order).toEqual([
      ...['cookies', 'session', 'passport', 'body', 'router', 'static', 'notFound', 'error'],
    ])
    expect(config.http.middleware['passport']).toBeTypeOf('function')
    expect(notes).toEqual(
      ['compress', 'poweredBy', 'favicon'].map(
        (name) => `http.middleware.order: ${name} has no counterpart here, it is left out`,
      ),
    )
  })

  it("keeps a name of Sails' when the app gives the function, and lets it replace ours", async () => {
    const { config, notes } = await one(
      'http',
      "{ middleware: { order: ['compress', 'bodyParser', 'router'], compress() {}, bodyParser() {} } }",
    )

    expect(config.http.middleware.order).toEqual([
      'compress',
      'body',
      'router',
      'notFound',
      'error',
    ])
    expect(config.http.middleware['body']).toBeTypeOf('function')
    expect(notes).toEqual([])
  })

  it('notes a function that is not in the order', async () => {
    const { notes } = await one('http', '{ middleware: { audit() {} } }')

    expect(notes).toEqual(['http.middleware.audit never runs: name it in http.middleware.order'])
  })

  it('takes functions typed as middleware', async () => {
    const { config } = await one(
      'http',
      '{ trustProxy: (address: string) => true, static: false, cache: 5 }',
    )

    expect(config.http).toMatchObject({ static: false, cache: 5 })
    expect(config.http.trustProxy).toBeTypeOf('function')
  })

  it.each([
    [
      "{ middleware: { order: ['sesion'] } }",
      'http.middleware.order.0 · \'sesion\' · is no middleware: did you mean "session"?',
    ],
    [
      "{ middleware: { order: ['audit'] } }",
      "http.middleware.order.0 · 'audit' · is no middleware: give http.middleware a function of that name",
    ],
    ["{ middleware: { order: 'router' } }", "http.middleware.order · 'router' · must be a list"],
    [
      '{ middleware: { audit: true } }',
      'http.middleware.audit · true · must be a function (req, res, next)',
    ],
    ['{ trustProxy: 0 }', 'http.trustProxy · 0 · must be 1 or more'],
    ["{ trustProxy: '' }", "http.trustProxy · '' · must not be empty"],
    [
      '{ trustProxy: null }',
      'http.trustProxy · null · must be true, false, a number of proxies from 1, addresses, or a function',
    ],
    [
      "{ bodyLimit: 'much' }",
      "http.bodyLimit · 'much' · must be bytes above 0, or text such as '100kb'",
    ],
    ['{ static: true }', 'http.static · true · must name a folder, or be false'],
    ['{ port: 80 }', 'http.port · 80 · unknown key: did you mean "port"?'],
  ])('says what to do about %s', async (value, line) => {
    expect(await faults('http', value)).toEqual([line])
  })
})

describe('config/sockets', () => {
  it("has Socket.IO's defaults, and lets old clients in", async () => {
    const { config } = await load(secret)

    expect(config.sockets).toEqual({
      transports: ['polling', 'websocket'],
      path: '/socket.io',
      allowEIO3: true,
      maxHttpBufferSize: 1_000_000,
      maxAttachments: 4,
      maxBacklog: 4_000_000,
      rate: { perSecond: 50, burst: 200 },
      recovery: false,
      sendStatusCode: true,
      sendResponseHeaders: true,
      pingInterval: 25_000,
      pingTimeout: 20_000,
      grant3rdPartyCookie: true,
      expiring: 60,
      client: true,
    })
  })

  it.each(['redis', 'socket.io-redis', '@sailshq/socket.io-redis', '@socket.io/redis-adapter'])(
    'knows the adapter %s',
    async (name) => {
      const { config } = await one('sockets', `{ adapter: '${name}', url: 'redis://bus:1234' }`)

      expect(config.sockets).toMatchObject({ adapter: 'redis', url: 'redis://bus:1234' })
    },
  )

  it.each([
    ["{ url: 'redis://bus:1234' }", ['sockets.url']],
    ["{ adapter: 'memory', port: 1234 }", ['sockets.port']],
    ["{ adapter: '@socket.io/cluster-adapter', host: 'bus' }", ['sockets.host']],
    ["{ adapter: 'redis', url: 'redis://bus:1234' }", []],
    ["{ pass: '', db: 0 }", []],
  ])('notes a place that nobody goes to in %s', async (value, keys) => {
    const { notes } = await one('sockets', value)

    expect(notes).toEqual(
      keys.map((key) => `${key} has no effect: only sockets.adapter: 'redis' connects there`),
    )
  })

  it('takes a place of its own beside sessions in redis', async () => {
    const { notes } = await load({
      'config/session.ts': `export default { secret: '${strongSecret}', adapter: 'redis' }`,
      'config/sockets.ts': "export default { url: 'redis://bus:1234' }",
    })

    expect(notes).toEqual([])
  })

  it('takes an adapter itself, and the name of any other', async () => {
    const { config } = await one('sockets', '{ adapter: (namespace) => namespace }')
    const named = await one('sockets', "{ adapter: '@socket.io/cluster-adapter' }")

    expect(config.sockets.adapter).toBeTypeOf('function')
    expect(named.config.sockets.adapter).toBe('@socket.io/cluster-adapter')
  })

  it.each(['origins', 'onlyAllowOrigins'])('takes exact origins as %s', async (key) => {
    const { config } = await one(
      'sockets',
      `{ ${key}: ['https://a.example', 'http://b.example:8080'] }`,
    )

    expect(config.sockets.origins).toEqual(['https://a.example', 'http://b.example:8080'])
  })

  it.each([
    ['https://a.example/', "must be exactly what browsers send: write 'https://a.example'"],
    ['https://a.example:443', "must be exactly what browsers send: write 'https://a.example'"],
    ['http://A.example:80/x?y', "must be exactly what browsers send: write 'http://a.example'"],
    ['a.example', 'must begin with http:// or https://'],
    ['*', 'must begin with http:// or https://'],
    ['https://', 'is no origin: write it like https://example.com'],
    ['https://*.a.example', 'matches no page: list each origin by itself'],
  ])('refuses %s as an origin', async (origin, advice) => {
    expect(await faults('sockets', `{ onlyAllowOrigins: ['${origin}'] }`)).toEqual([
      `sockets.onlyAllowOrigins.0 · '${origin}' · ${advice}`,
    ])
  })

  it('takes beforeConnect: false', async () => {
    const { config } = await one('sockets', '{ beforeConnect: false }')

    expect(config.sockets.beforeConnect).toBe(false)
  })

  it.each([
    [
      "{ transports: ['webscket'] }",
      'sockets.transports.0 · \'webscket\' · must be one of polling, websocket: did you mean "websocket"?',
    ],
    ['{ transports: [] }', "sockets.transports · [] · must name 'polling', 'websocket' or both"],
    [
      '{ adapter: 7 }',
      "sockets.adapter · 7 · must be 'redis', 'memory', a package's name, or what Socket.IO's io.adapter() takes",
    ],
    ['{ expiring: 0 }', 'sockets.expiring · 0 · must be a whole number of seconds above 0'],
    [
      "{ path: '/' }",
      "sockets.path · '/' · must be a path such as '/socket.io': everything below it is Socket.IO's",
    ],
    ['{ pingTimeout: 0 }', 'sockets.pingTimeout · 0 · must be milliseconds above 0'],
    ["{ afterDisconnect: 'x' }", "sockets.afterDisconnect · 'x' · must be a function"],
    ['{ recovery: true }', 'sockets.recovery · true · must be seconds above 0, or false'],
    ['{ rate: 50 }', 'sockets.rate · 50 · must be { perSecond, burst } or false'],
  ])('says what to do about %s', async (value, line) => {
    expect(await faults('sockets', value)).toEqual([line])
  })
})

describe('config/routes and config/policies', () => {
  it('take every kind of target and rule', async () => {
    const { config } = await load({
      ...secret,
      'config/routes.ts':
        "export const routes = { 'GET /a': 'a/b', 'GET /b': { action: 'a/b' }, 'GET /c': () => 1, 'GET /d': ['p', 'a/b'] }",
      'config/policies.ts':
        "export const policies = { '*': true, 'a/*': false, 'a/b': ['is-in', () => {}], UserController: { find: 'is-in' } }",
    })

    expect(Object.keys(config.routes)).toEqual(['GET /a', 'GET /b', 'GET /c', 'GET /d'])
    expect(config.policies['UserController']).toEqual({ find: 'is-in' })
  })

  it.each(['5', 'null', "''", 'true'])('refuse a route to %s', async (value) => {
    const lines = await faults('routes', `{ 'GET /': ${value} }`)

    expect(lines).toEqual([expect.stringContaining("must be an action such as 'account/login'")])
  })

  it.each(['5', 'null', "''"])('refuse the policy %s', async (value) => {
    const lines = await faults('policies', `{ '*': ${value} }`)

    expect(lines).toEqual([expect.stringContaining("must be true, false, a policy's name")])
  })
})

describe('config/security', () => {
  it('takes helmet options, or turns helmet off', async () => {
    const on = await one(
      'security',
      '{ helmet: { frameguard: false }, csrf: false, cors: { allRoutes: false } }',
    )
    const off = await one('security', '{ helmet: false, cors: {} }')

    expect(on.config.security.helmet).toEqual({ frameguard: false })
    expect(off.config.security.helmet).toBe(false)
  })

  it.each([
    ["csrf: 'yes'", /must be true \(tokens\) or false/],
    ["cors: { allowOrigins: ['a.example'] }", /must be an origin as browsers send it/],
    ["cors: { allowOrigins: ['https://*.a.example'] }", /list each origin by itself/],
    ['cors: { allowCredentials: true }', /cannot be true for all origins/],
  ])('refuses %s', async (value, words) => {
    expect(await faults('security', `{ ${value} }`)).toEqual([expect.stringMatching(words)])
  })
})

describe('config/log', () => {
  it.each([
    ['silly', 'trace'],
    ['verbose', 'debug'],
    ['crit', 'fatal'],
    ['blank', 'info'],
    ['warn', 'warn'],
    ['silent', 'silent'],
  ])('brings level %s to %s', async (given, level) => {
    const { config } = await one('log', `{ level: '${given}' }`)

    expect(config.log.level).toBe(level)
  })

  it('defaults to info and names the levels it knows', async () => {
    const { config } = await load(secret)

    expect(config.log.level).toBe('info')
    expect((await faults('log', "{ level: 'infos' }")).join()).toMatch(
      /log\.level · 'infos' · must be one of silly, trace, .*: did you mean "info"\?$/,
    )
  })
})

describe('config/globals', () => {
  it('are off unless asked for', async () => {
    const asked = await one(
      'globals',
      '{ sails: true, _: { chunk() {} }, async: false, models: true }',
    )
    const none = await one('globals', 'false')

    expect(asked.config.globals).toMatchObject({ sails: true, async: false, models: true })
    expect(none.config.globals).toEqual({ sails: false })
  })

  it('say what to do about an unknown one', async () => {
    expect(await faults('globals', '{ sales: true }')).toEqual([
      'globals.sales · true · unknown key: did you mean "sails"?',
    ])
  })
})

describe('top-level values', () => {
  const local = (value: string) => ({ ...secret, 'config/local.ts': `export default ${value}` })

  it('take host under both names', async () => {
    const ours = await load(local("{ host: '127.0.0.1' }"))
    const sails = await load(local("{ explicitHost: '127.0.0.1' }"))

    expect([ours.config.host, sails.config.host]).toEqual(['127.0.0.1', '127.0.0.1'])
  })

  it('take a key and a certificate as text or Buffer', async () => {
    const text = '-----BEGIN CERTIFICATE-----'

    const { config } = await load(
      local(`{ ssl: { key: Buffer.from('k'), cert: '${text}', ca: ['${text}'] } }`),
    )

    expect(config.ssl?.cert).toBe(text)
    expect(config.ssl?.key).toBeInstanceOf(Buffer)
  })

  it.each([
    [
      "{ ssl: { key: './key.pem', cert: Buffer.from('c') } }",
      'ssl.key · (hidden) · must be PEM text or a Buffer: read the file with readFileSync',
    ],
    ["{ port: '80a' }", "port · '80a' · must be a port number from 0 to 65535"],
  ])('say what to do about %s', async (value, line) => {
    expect(await problems(local(value))).toEqual([`config/local.ts · ${line}`])
  })
})
