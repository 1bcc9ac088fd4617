import { describe, expect, it } from 'vitest'
import { closest } from '../../src/config/closest.ts'
import { type LoadedConfig, loadConfig } from '../../src/config/load.ts'
import { CatamaranError } from '../../src/errors.ts'
import { appFolder, load, problems } from './folder.ts'

describe('problems', () => {
  it('are all named at once: file, path, value, what to do', async () => {
    const lines = await problems(
      {
        'config/session.ts': "export const session = { ttl: 'soon', cokie: {} }",
        'config/http.ts': 'export const http = { static: 5 }',
        'config/log.ts': "throw new Error('no')",
        'config/env/production.ts': 'export default { port: -1 }',
        '.catamaranrc': '{ "sockets": { "path": "io" } }',
      },
      {
        environment: { NODE_ENV: 'production', CATAMARAN_SESSION__ROLLING: 'perhaps' },
        arguments: { 'session.maxBytes': '0' },
        overrides: { session: { unset: 'never' as 'keep' } },
      },
    )

    expect(lines.map((line) => line.split(' · ').slice(0, 3).join(' | ')).sort()).toEqual(
      [
        'config/session.ts | session.secret | not set',
        "config/session.ts | session.ttl | 'soon'",
        'config/session.ts | session.cokie | {}',
        'config/http.ts | http.static | 5',
        'config/log.ts:1 | throws Error: no',
        'config/env/production.ts | port | -1',
        ".catamaranrc | sockets.path | 'io'",
        "environment CATAMARAN_SESSION__ROLLING | session.rolling | 'perhaps'",
        'command line --session.maxBytes | session.maxBytes | 0',
        "lift() | session.unset | 'never'",
      ].sort(),
    )
  })

  it('make one error with a count', async () => {
    const root = await appFolder({ 'config/local.ts': 'export default { port: -1 }' })

    const loading = loadConfig(root, { environment: {} })

    await expect(loading).rejects.toBeInstanceOf(CatamaranError)
    await expect(loading).rejects.toMatchObject({
      code: 'E_CONFIG',
      message: expect.stringMatching(
        /^The configuration has 1 problem:\n {2}config\/local\.ts · port/,
      ),
    })
  })

  it('of unknown keys name the nearest known one, at any depth', async () => {
    const lines = await problems({
      'config/session.ts': 'export const session = { secert: 5, cookie: { maxage: 5 }, zebra: 1 }',
    })

    expect(lines.map((line) => line.split(' · ').at(-1))).toEqual([
      'unknown key: did you mean "maxAge"?',
      'unknown key: did you mean "secret"?',
      'unknown key: remove it',
    ])
  })

  it.each([
    ['session.maxage', 'session.cookie.maxAge'],
    ['session.sameSite', 'session.cookie.sameSite'],
    ['session.http-only', 'session.cookie.httpOnly'],
    ['http.port', 'port'],
    ['sockets.trustProxy', 'http.trustProxy'],
    ['security.allowOrigins', 'security.cors.allowOrigins'],
  ])('of a key in the wrong place name the right one: %s', async (path, place) => {
    const lines = await problems({}, { arguments: { [path]: 'x' } })

    expect(lines).toEqual([
      `command line --${path} · ${path} · 'x' · unknown key: did you mean "${place}"?`,
    ])
  })

  it('of a key that several places have name none of them', async () => {
    const lines = await problems({}, { arguments: { 'log.domain': 'x', 'log.client': 'x' } })

    expect(lines.map((line) => line.split(' · ').at(-1))).toEqual([
      'unknown key: did you mean "session.cookie.domain"?',
      'unknown key: remove it',
    ])
  })
})

describe('the nearest word', () => {
  it.each([
    ['tll', ['tls', 'ttl'], 'ttl'],
    ['sesion', ['http', 'session'], 'session'],
    ['MAXAGE', ['maxAge', 'path'], 'maxAge'],
    ['prot', ['port', 'host'], 'port'],
    ['onRedisDisconect', ['onRedisReconnect', 'onRedisDisconnect'], 'onRedisDisconnect'],
    ['zebra', ['secret', 'key'], undefined],
    ['a', ['key'], undefined],
    ['x', [], undefined],
  ])('to %s of %o is %s', (word, candidates, expected) => {
    expect(closest(word, candidates)).toBe(expected)
  })
})

describe('describeConfig', () => {
  it('lists every value with where it came from, secrets hidden', async () => {
    const { describeConfig } = await import('../../src/config/describe.ts')
    const loaded: LoadedConfig = await load(
      {
        'config/session.ts': `export const session = {
          secret: ['${'s3cr3t'.repeat(8)}'], url: 'redis://me:hu/sh@host/0', isSessionDisabled() { return false },
        }`,
        'config/custom.ts': `export const custom = {
          stripeSecret: 'hush', apiToken: 'hush', nested: { list: [1, 2], client: new Map([['hush', 1]]) },
          hook: 'https://a.example/?access_token=hush&b=1', pem: '-----BEGIN PRIVATE KEY-----hush', none: undefined,
        }`,
      },
      { environment: { PORT: '80' } },
    )

    const lines = describeConfig(loaded)

    expect(lines.map(({ path }) => path)).toEqual([...lines.map(({ path }) => path)].sort())
    expect(lines).toEqual(
      expect.arrayContaining([
        { path: 'port', value: '80', source: 'environment PORT' },
        { path: 'session.key', value: "'sails.sid'", source: 'default' },
        { path: 'session.cookie.maxAge', value: 'null', source: 'default' },
        { path: 'session.secret', value: '(hidden)', source: 'config/session.ts' },
        { path: 'session.url', value: "'redis://(hidden)@host/0'", source: 'config/session.ts' },
        {
          path: 'session.isSessionDisabled',
          value: '[Function: isSessionDisabled]',
          source: 'config/session.ts',
        },
        { path: 'custom.stripeSecret', value: '(hidden)', source: 'config/custom.ts' },
        { path: 'custom.nested.list', value: '[ 1, 2 ]', source: 'config/custom.ts' },
        { path: 'custom.nested.client', value: '[Map]', source: 'config/custom.ts' },
        {
          path: 'custom.hook',
          value: "'https://a.example/?access_token=(hidden)&b=1'",
          source: 'config/custom.ts',
        },
        { path: 'custom.pem', value: '(hidden)', source: 'config/custom.ts' },
      ]),
    )
    expect(JSON.stringify(lines)).not.toMatch(/hush|s3cr3t/)
    expect(lines.map(({ path }) => path)).not.toContain('root')
  })
})
