import { describe, expect, it } from 'vitest'
import { load } from './folder.ts'

/** What `sails new` writes, as far as it is not a comment, in a CommonJS app. */
const sailsApp = {
  'package.json': '{ "name": "old" }',
  '.sailsrc': '{ "generators": { "modules": {} }, "hooks": { "grunt": false } }',
  'config/session.js':
    "module.exports.session = {\n  secret: '0123456789abcdef0123456789abcdef',\n};",
  'config/routes.js': "module.exports.routes = {\n  '/': { view: 'pages/homepage' },\n};",
  'config/policies.js': "module.exports.policies = {\n  '*': 'is-logged-in',\n};",
  'config/globals.js':
    'module.exports.globals = {\n  _: { chunk: function () {} },\n  async: false,\n  models: true,\n  sails: true,\n};',
  'config/http.js': 'module.exports.http = {\n  middleware: {},\n};',
  'config/sockets.js': 'module.exports.sockets = {\n};',
  'config/security.js': 'module.exports.security = {\n};',
  'config/log.js': "module.exports.log = {\n  level: 'silly',\n};",
  'config/bootstrap.js': 'module.exports.bootstrap = async function() {};',
  'config/models.js': "module.exports.models = { migrate: 'alter' };",
  'config/custom.js': "module.exports.custom = { baseUrl: 'http://localhost:1337' };",
  'config/local.js': 'module.exports = {};',
  'config/locales/en.json': '{ "Welcome": "Welcome" }',
  'config/env/production.js': `module.exports = {
    models: { migrate: 'safe' },
    blueprints: { shortcuts: false },
    security: { cors: {} },
    session: { cookie: { maxAge: 24 * 60 * 60 * 1000 } },
    sockets: {},
    log: { level: 'debug' },
    http: { cache: 365.25 * 24 * 60 * 60 * 1000 },
    custom: { baseUrl: 'https://example.com' },
  };`,
}

describe("a Sails app's own config", () => {
  it('loads unchanged', async () => {
    const { config, notes } = await load(sailsApp)

    expect(config.session.secret).toBe('0123456789abcdef0123456789abcdef')
    expect(config.log.level).toBe('trace')
    expect(config['bootstrap']).toBeTypeOf('function')
    expect(config['custom']).toEqual({ baseUrl: 'http://localhost:1337' })
    expect(config['hooks']).toEqual({ grunt: false })
    expect(notes).toEqual(['loaded unchecked, no schema knows them: config/models.js'])
  })

  it('loads unchanged in production', async () => {
    const { config } = await load(sailsApp, { environment: { NODE_ENV: 'production' } })

    expect(config.session.cookie.maxAge).toBe(86_400_000)
    expect(config.http.cache).toBe(31_557_600_000)
    expect(config['models']).toEqual({ migrate: 'safe' })
    expect(config['custom']).toEqual({ baseUrl: 'https://example.com' })
  })

  it('gets the defaults of Sails with sails: true, and ours without', async () => {
    const { 'config/globals.js': globals, ...without } = sailsApp

    const sails = await load({ ...without, 'config/globals.js': globals })
    const ours = await load(without)

    expect(sails.config.session).toMatchObject({
      saveUninitialized: true,
      cookie: { sameSite: false },
    })
    expect(sails.sources.get('session.saveUninitialized')).toBe('default (Sails profile)')
    expect(ours.config.session).toMatchObject({
      saveUninitialized: false,
      cookie: { sameSite: 'lax' },
    })
  })

  it('keeps what it says itself under the Sails profile', async () => {
    const session =
      "module.exports.session = { saveUninitialized: false, cookie: { sameSite: 'lax' } }"

    const { config } = await load({ ...sailsApp, 'config/session.js': session })

    expect(config.session).toMatchObject({ saveUninitialized: false, cookie: { sameSite: 'lax' } })
  })

  it('of 0.9 loads with its commented block in use', async () => {
    const { config } = await load({
      'package.json': '{}',
      'config/session.js': `module.exports.session = {
        secret: '0123456789abcdef0123456789abcdef', key: 'sails.sid',
        adapter: 'mongo', host: 'localhost', port: 27017, db: 'sails', collection: 'sessions',
        username: '', password: '', auto_reconnect: false, ssl: false, stringify: true
      };`,
    })

    expect(config.session).toMatchObject({ adapter: 'mongo', db: 'sails', tls: false })
  })
})
