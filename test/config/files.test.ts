import { symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { appFolder, load, problems } from './folder.ts'

const commonJs = { 'package.json': '{"type":"commonjs"}' }

describe('a config file', () => {
  it.each([
    ['session.ts', 'export const session: { ttl: number } = { ttl: 5 }'],
    ['session.mts', 'export const session: { ttl: number } = { ttl: 5 }'],
    ['session.js', 'export const session = { ttl: 5 }'],
    ['session.mjs', 'export const session = { ttl: 5 }'],
    ['session.cjs', 'module.exports.session = { ttl: 5 }'],
    ['session.cts', 'module.exports.session = { ttl: 5 as number }'],
    ['session.json', '{ "ttl": 5 }'],
    ['session.yaml', 'ttl: 5'],
    ['session.yml', 'session:\n  ttl: 5'],
  ])('may be %s', async (name, text) => {
    const { config, sources } = await load({ [`config/${name}`]: text })

    expect(config.session.ttl).toBe(5)
    expect(sources.get('session.ttl')).toBe(`config/${name}`)
  })

  it.each([
    ['a named export', 'session.ts', 'export const session = { ttl: 5 }'],
    ['a default export', 'session.ts', 'export default { ttl: 5 }'],
    ['a default export by subject', 'session.ts', 'export default { session: { ttl: 5 } }'],
    ['module.exports.session', 'session.cjs', 'module.exports.session = { ttl: 5 }'],
    ['module.exports', 'session.cjs', 'module.exports = { ttl: 5 }'],
    ['computed module.exports', 'session.cjs', "module['exports'] = { ['session']: { ttl: 5 } }"],
    [
      'compiled TypeScript',
      'session.cjs',
      "Object.defineProperty(exports, '__esModule', { value: true }); exports.default = { ttl: 5 }",
    ],
  ])('may use %s', async (_, name, text) => {
    const { config } = await load({ [`config/${name}`]: text })

    expect(config.session.ttl).toBe(5)
  })

  it.each(['session.js', 'session.ts'])('of a CommonJS app may be %s', async (name) => {
    const { config } = await load({
      ...commonJs,
      [`config/${name}`]: 'module.exports = { ttl: 5 }',
    })

    expect(config.session.ttl).toBe(5)
  })

  it.each([
    ['env/development.ts', 'export default { session: { ttl: 5 }, port: 80 }'],
    ['env/development.ts', 'export const session = { ttl: 5 }\nexport const port = 80'],
    ['env/development.cjs', 'module.exports = { session: { ttl: 5 }, port: 80 }'],
    ['local.json', '{ "session": { "ttl": 5 }, "port": 80 }'],
    ['local.yaml', 'port: 80\nsession:\n  ttl: 5'],
  ])('such as %s may hold several subjects', async (name, text) => {
    const { config } = await load({ [`config/${name}`]: text })

    expect(config).toMatchObject({ session: { ttl: 5 }, port: 80 })
  })

  it('may be empty, or a comment only', async () => {
    const { config } = await load({ 'config/session.ts': '', 'config/http.ts': '// later\n' })

    expect(config).toMatchObject({ session: { key: 'sails.sid' }, http: { static: 'assets' } })
  })

  it('may be a symbolic link', async () => {
    const root = await appFolder({
      'mounted/session.json': '{ "ttl": 5 }',
      'config/log.json': '{}',
    })
    await symlink(join(root, 'mounted/session.json'), join(root, 'config/session.json'))

    const { config } = await loadConfig(root, { environment: {} })

    expect(config.session.ttl).toBe(5)
  })

  it('is not a declaration, a hidden file or something else', async () => {
    const { config, notes } = await load({
      'config/session.d.ts': 'export const session: { ttl: 5 }',
      'config/.session.ts': 'export const session = { ttl: 5 }',
      'config/README.md': '# config',
    })

    expect(config.session.ttl).toBeUndefined()
    expect(notes.join()).not.toContain('config/')
  })

  it.each([
    ['session.ts', 'export const session = { ttl: 1 }', 'export const session = { ttl: 2 }'],
    ['session.cjs', 'module.exports = { ttl: 1 }', 'module.exports = { ttl: 2 }'],
  ])('is read again when it changed: %s', async (name, before, after) => {
    const root = await appFolder({ [`config/${name}`]: before })
    const first = await loadConfig(root, { environment: {} })

    await writeFile(join(root, 'config', name), after)
    await utimes(join(root, 'config', name), new Date(), new Date(Date.now() + 5000))
    const second = await loadConfig(root, { environment: {} })

    expect([first.config.session.ttl, second.config.session.ttl]).toEqual([1, 2])
  })

  it('is never looked for above the app', async () => {
    const root = await appFolder({
      'config/session.ts': 'export const session = { ttl: 5 }',
      '.catamaranrc': '{ "port": 1 }',
      'app/package.json': '{}',
    })

    const { config } = await loadConfig(join(root, 'app'), { environment: {} })

    expect([config.session.ttl, config.port]).toEqual([undefined, 1337])
  })

  it('of a subject without a schema is loaded unchecked, with one note', async () => {
    const { config, notes } = await load({
      'config/custom.ts': "export const custom = { apiUrl: 'https://a.example' }",
      'config/mail.ts': "export const from = 'a@example.org'",
      'config/bootstrap.cjs': 'module.exports.bootstrap = async () => {}',
    })

    expect(config['custom']).toEqual({ apiUrl: 'https://a.example' })
    expect(config['mail']).toEqual({ from: 'a@example.org' })
    expect(config['bootstrap']).toBeTypeOf('function')
    expect(notes.filter((note) => note.includes('unchecked'))).toEqual([
      'loaded unchecked, no schema knows them: config/mail.ts',
    ])
  })

  it('with a misspelt name gets a hint in that note', async () => {
    const { notes } = await load({ 'config/sesion.ts': 'export const sesion = { ttl: 5 }' })

    expect(notes.join()).toContain('config/sesion.ts did you mean "session"?')
  })
})

describe('a broken config file', () => {
  it('that writes module.exports in an ES module is told of .cjs', async () => {
    const js = await problems({ 'config/session.js': 'module.exports.session = {}' })
    const ts = await problems({ 'config/routes.ts': 'module.exports = {}' })
    const local = await problems({ 'config/local.js': '\nexports.port = 5' })

    expect(js).toEqual([
      'config/session.js:1 · uses module in an ES module: rename it to config/session.cjs, or write `export const session = …`',
    ])
    expect(ts.join()).toContain('config/routes.cjs, or write `export const routes = …`')
    expect(local.join()).toMatch(
      /^config\/local.js:2 .*config\/local.cjs, or write `export default/,
    )
  })

  it('that writes export in a CommonJS app is told of .mts or .mjs', async () => {
    const text = 'export const session = {}'
    const ts = await problems({ ...commonJs, 'config/session.ts': text })
    const js = await problems({ ...commonJs, 'config/session.js': text })

    expect(ts).toEqual([
      'config/session.ts:1 · uses import or export in a CommonJS app: rename it to config/session.mts, or write `module.exports.session = …`',
    ])
    expect(js.join()).toContain('rename it to config/session.mjs (or .mts)')
  })

  it.each([
    [
      'session.ts',
      'export const session = {\n  ttl: 5,,\n}',
      /^config\/session\.ts:2 · cannot be read: /,
    ],
    [
      'session.cjs',
      'module.exports = {\n  ttl: 5,,\n}',
      /^config\/session\.cjs:2 · cannot be read: /,
    ],
    [
      'session.mjs',
      'export const session = { ttl: 5,, }',
      /^config\/session\.mjs · cannot be read: /,
    ],
    [
      'session.json',
      '{\n  "ttl": 5\n  "key": "x"\n}',
      /^config\/session\.json:3 · .*no valid JSON$/,
    ],
    ['session.json', '{ "secret": hush }', /^config\/session\.json · (?!.*hush).*no valid JSON$/],
    ['session.yaml', 'ttl: 5\n  key: [\n', /^config\/session\.yaml:2 · is no valid YAML: /],
    [
      'session.ts',
      'const x = 1\nthrow new Error("no\\nway")',
      /^config\/session\.ts:2 · throws Error: no$/,
    ],
    ['session.cjs', 'throw "no way"', /^config\/session\.cjs · throws Error: no way$/],
    [
      'session.ts',
      'import x from "not-there"',
      /needs the package not-there: run `npm install not-there`$/,
    ],
    ['session.cjs', 'require("@a/b/c")', /needs the package @a\/b: run `npm install @a\/b`$/],
    ['session.ts', 'import x from "./gone.ts"', /imports gone\.ts, which is not there$/],
    ['session.ts', 'enum Kind { A }', /^config\/session\.ts:1 · cannot be read: TypeScript enum/],
    [
      'session.ts',
      'export const ttl = 5',
      /^config\/session\.ts · exports ttl: write `export const session = …`$/,
    ],
    ['session.ts', 'export default 5', /^config\/session\.ts · session · 5 · must be an object/],
    ['local.ts', 'export default [1]', /^config\/local\.ts · must hold an object/],
  ])('is one line: %s %s', async (name, text, line) => {
    const lines = await problems({ [`config/${name}`]: text })

    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(line)
  })

  it('does not blame a file for what it imports', async () => {
    const lines = await problems({
      'config/session.ts': "import '../old.js'\nexport const session = {}",
      'old.js': 'module.exports = {}',
    })

    expect(lines).toEqual([
      'config/session.ts · throws ReferenceError: module is not defined in ES module scope',
    ])
  })

  it('does not hide a value that is missing elsewhere, nor invent one', async () => {
    const lines = await problems(
      {
        'config/session.ts': 'throw new Error("no")',
        'config/http.ts': 'export const http = { static: 5 }',
      },
      { environment: { NODE_ENV: 'production' } },
    )

    expect(lines).toEqual([
      'config/session.ts:1 · throws Error: no',
      'config/http.ts · http.static · 5 · must name a folder, or be false',
    ])
  })

  it('is named with its double', async () => {
    const text = 'export const session = {}'

    const lines = await problems({ 'config/session.ts': text, 'config/session.js': text })

    expect(lines).toEqual([
      'config/session.js and config/session.ts · both configure the same subject: keep one of them',
    ])
  })
})
