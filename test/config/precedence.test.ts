import { describe, expect, it } from 'vitest'
import type { LoadOptions } from '../../src/config/load.ts'
import { load, problems } from './folder.ts'

/** Every place that can set `session.ttl`, low to high, with the value it sets and its name. */
const files = [
  ['config/session.ts', 'export const session = { ttl: 1 }'],
  ['config/env/staging/session.ts', 'export const session = { ttl: 2 }'],
  ['config/env/staging.ts', 'export default { session: { ttl: 3 } }'],
  ['config/local.ts', 'export default { session: { ttl: 4 } }'],
  ['.sailsrc', '{ "session": { "ttl": 5 } }'],
  ['.catamaranrc', 'session:\n  ttl: 6'],
] as const

const outside: readonly (readonly [string, LoadOptions])[] = [
  ['environment sails_session__ttl', { environment: { sails_session__ttl: '7' } }],
  [
    'environment CATAMARAN_SESSION__TTL',
    { environment: { CATAMARAN_SESSION__TTL: '8', sails_session__ttl: '7' } },
  ],
  ['command line --session.ttl', { arguments: { 'session.ttl': '9' } }],
  ['lift()', { overrides: { session: { ttl: 10 } } }],
]

const steps = [...files.map(([name]) => name), ...outside.map(([name]) => name)]

/** The first `count` places, all set at once. */
function lowest(count: number) {
  const given = outside.slice(0, Math.max(0, count - files.length)).map(([, options]) => options)
  const environment = Object.assign({ NODE_ENV: 'staging' }, ...given.map((one) => one.environment))
  return {
    files: Object.fromEntries(files.slice(0, count)),
    options: { ...Object.assign({}, ...given), environment },
  }
}

describe('precedence', () => {
  it.each(steps.map((name, index) => ({ name, count: index + 1 })))(
    'lets $name win over everything below it',
    async ({ name, count }) => {
      const { files, options } = lowest(count)

      const { config, sources } = await load(files, options)

      expect(config.session.ttl).toBe(count)
      expect(sources.get('session.ttl')).toBe(name)
    },
  )

  it('starts with the defaults', async () => {
    const { config, sources } = await load({})

    expect(config).toMatchObject({ port: 1337, environment: 'development' })
    expect(sources.get('port')).toBe('default')
  })

  it('merges objects key by key and replaces lists', async () => {
    const { config, sources } = await load(
      {
        'config/session.ts':
          "export const session = { cookie: { maxAge: 5, domain: 'a.example' } }",
        'config/sockets.ts': "export const sockets = { transports: ['websocket', 'polling'] }",
        'config/env/production.ts':
          "export default { session: { secret: 'x1y2'.repeat(9), cookie: { secure: true } }, sockets: { transports: ['polling'] } }",
      },
      { environment: { NODE_ENV: 'production' } },
    )

    expect(config.session.cookie).toMatchObject({ maxAge: 5, domain: 'a.example', secure: true })
    expect(config.sockets.transports).toEqual(['polling'])
    expect(sources.get('session.cookie.maxAge')).toBe('config/session.ts')
    expect(sources.get('session.cookie.secure')).toBe('config/env/production.ts')
  })

  it('keeps instances as they are', async () => {
    const client = new (class Client {
      connected = true
    })()

    const { config } = await load({}, { overrides: { session: { client } } })

    expect(config.session.client).toBe(client)
  })

  it('takes a value of undefined for no value', async () => {
    const { config } = await load({
      'config/session.ts': 'export const session = { ttl: 5 }',
      'config/local.ts': 'export default { session: { ttl: undefined } }',
    })

    expect(config.session.ttl).toBe(5)
  })

  it('never changes what it was given', async () => {
    const overrides = { session: { cookie: { maxAge: 1 } }, custom: { list: [1] } }
    const before = structuredClone(overrides)

    await load({ 'config/local.ts': 'export default { custom: { more: 1 } }' }, { overrides })

    expect(overrides).toEqual(before)
  })

  it('does not let __proto__ through', async () => {
    const { config } = await load({
      '.catamaranrc': '{"__proto__": {"bad": 1}, "custom": {"__proto__": {"bad": 1}}}',
    })

    expect(Reflect.get({}, 'bad')).toBeUndefined()
    expect(config['custom']).not.toHaveProperty('bad')
  })
})

describe('the environment', () => {
  const staging = { 'config/env/staging.ts': 'export default { port: 8001 }' }

  it('is the one NODE_ENV names', async () => {
    const { config, sources } = await load(staging, { environment: { NODE_ENV: 'staging' } })

    expect(config).toMatchObject({ environment: 'staging', port: 8001 })
    expect(sources.get('environment')).toBe('environment NODE_ENV')
  })

  it('is the one config/local names when nothing stronger does', async () => {
    const files = { ...staging, 'config/local.ts': "export default { environment: 'staging' }" }

    const { config } = await load(files)

    expect(config).toMatchObject({ environment: 'staging', port: 8001 })
  })

  it('is the one the command line or lift() names', async () => {
    const environment = { NODE_ENV: 'production' }

    const byOption = await load(staging, { environment, arguments: { environment: 'staging' } })
    const byLift = await load(staging, { environment, overrides: { environment: 'staging' } })

    expect([byOption.config.port, byLift.config.port]).toEqual([8001, 8001])
  })

  it('cannot be changed by the files it chose', async () => {
    const lines = await problems({
      'config/env/development.ts': "export default { environment: 'production' }",
    })

    expect(lines).toEqual([
      "config/env/development.ts · environment · 'production' · cannot be set here: set NODE_ENV",
    ])
  })

  it('cannot lead out of the folder of its files', async () => {
    const files = {
      'config/session.ts': 'export const session = {}',
      'port.ts': 'export default 1',
    }

    const [line] = await problems(files, { environment: { NODE_ENV: '../..' } })

    expect(line).toMatch(/^environment NODE_ENV · environment · '\.\.\/\.\.' · must be a name/)
  })
})
