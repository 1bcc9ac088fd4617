import { describe, expect, it } from 'vitest'
import { load, problems, strongSecret } from './folder.ts'

const session = { 'config/session.ts': `export const session = { secret: '${strongSecret}' }` }

describe('environment variables', () => {
  it('read two underscores as a dot, with either prefix', async () => {
    const environment = { CATAMARAN_SESSION__COOKIE__DOMAIN: 'a.example', sails_session__ttl: '60' }

    const { config, sources } = await load(session, { environment })

    expect(config.session).toMatchObject({ ttl: 60, cookie: { domain: 'a.example' } })
    expect(sources.get('session.cookie.domain')).toBe(
      'environment CATAMARAN_SESSION__COOKIE__DOMAIN',
    )
  })

  it('find keys whatever their case', async () => {
    const environment = {
      CATAMARAN_SESSION__TOUCHAFTER: '9',
      SAILS_SOCKETS__PINGINTERVAL: '1000',
      CATAMARAN_CUSTOM__STRIPEKEY: 'x',
      CATAMARAN_CUSTOM__NEW: 'y',
    }
    const files = { ...session, 'config/custom.ts': "export const custom = { stripeKey: '' }" }

    const { config } = await load(files, { environment })

    expect(config.session.touchAfter).toBe(9)
    expect(config.sockets.pingInterval).toBe(1000)
    expect(config['custom']).toEqual({ stripeKey: 'x', new: 'y' })
  })

  it.each([
    ['a number', 'SESSION__TTL', '60', { session: { ttl: 60 } }],
    ['a boolean', 'SESSION__ROLLING', 'true', { session: { rolling: true } }],
    ['null', 'SESSION__COOKIE__MAXAGE', 'null', { session: { cookie: { maxAge: null } } }],
    ['a list', 'SOCKETS__TRANSPORTS', '["polling"]', { sockets: { transports: ['polling'] } }],
    [
      'an object',
      'SESSION__COOKIE',
      '{"maxAge":5}',
      { session: { cookie: { maxAge: 5, path: '/' } } },
    ],
    ['a number of proxies', 'HTTP__TRUSTPROXY', '2', { http: { trustProxy: 2 } }],
    [
      'a switch where text is taken too',
      'HTTP__TRUSTPROXY',
      'true',
      { http: { trustProxy: true } },
    ],
    [
      'text where a number is taken too',
      'HTTP__TRUSTPROXY',
      'loopback',
      { http: { trustProxy: 'loopback' } },
    ],
    ['a redis database', 'SESSION__DB', '3', { session: { db: 3 } }],
    ['a mongo database', 'SESSION__DB', 'sails', { session: { db: 'sails' } }],
    [
      'a list of secrets',
      'SESSION__SECRET',
      `["${strongSecret}"]`,
      { session: { secret: [strongSecret] } },
    ],
    ['digits where text is wanted', 'SESSION__PASS', '12345', { session: { pass: '12345' } }],
    ['a word where text is wanted', 'SESSION__KEY', 'true', { session: { key: 'true' } }],
    ['quoted text', 'SESSION__PASS', '"12345"', { session: { pass: '12345' } }],
    ['an empty text', 'SESSION__PREFIX', '', { session: { prefix: '' } }],
    ['JSON where no schema knows', 'CUSTOM__LIMIT', '5', { custom: { limit: 5 } }],
    ['text where no schema knows', 'CUSTOM__NAME', 'five', { custom: { name: 'five' } }],
  ])('may hold %s', async (_, name, text, expected) => {
    const { config } = await load(session, { environment: { [`CATAMARAN_${name}`]: text } })

    expect(config).toMatchObject(expected)
  })

  it('keep a secret of digits as text', async () => {
    const digits = '12345678901234567890123456789012'

    const { config } = await load({}, { environment: { sails_session__secret: digits } })

    expect(config.session.secret).toBe(digits)
  })

  it('include PORT, which CATAMARAN_PORT wins over', async () => {
    const plain = await load(session, { environment: { PORT: '8080' } })
    const both = await load(session, { environment: { CATAMARAN_PORT: '8081', PORT: '8080' } })
    const empty = await load(session, { environment: { PORT: '', NODE_ENV: '' } })

    expect([plain, both, empty].map(({ config }) => config.port)).toEqual([8080, 8081, 1337])
    expect(plain.sources.get('port')).toBe('environment PORT')
  })

  it('are named when they are wrong', async () => {
    const environment = {
      CATAMARAN_SESSION__TTL: 'soon',
      PORT: '80000',
      CATAMARAN_SESSION__TLL: '5',
    }

    const lines = await problems(session, { environment })

    expect(lines).toEqual([
      'environment PORT · port · 80000 · must be a port number from 0 to 65535',
      "environment CATAMARAN_SESSION__TTL · session.ttl · 'soon' · must be a whole number of seconds above 0",
      'environment CATAMARAN_SESSION__TLL · session.tll · 5 · unknown key: did you mean "ttl"?',
    ])
  })
})

describe('the command line', () => {
  it.each([
    ['dotted', { 'session.ttl': '60', port: '8080' }],
    ['nested', { session: { ttl: '60' }, port: 8080 }],
  ])('may be %s', async (_, given) => {
    const { config, sources } = await load(session, { arguments: given })

    expect(config).toMatchObject({ port: 8080, session: { ttl: 60 } })
    expect(sources.get('session.ttl')).toBe('command line --session.ttl')
  })

  it('skips options that were not given', async () => {
    const { config } = await load(session, { arguments: { port: undefined } })

    expect(config.port).toBe(1337)
  })

  it('is named when it is wrong', async () => {
    const lines = await problems(session, { arguments: { port: 'x' } })

    expect(lines).toEqual([
      "command line --port · port · 'x' · must be a port number from 0 to 65535",
    ])
  })
})
