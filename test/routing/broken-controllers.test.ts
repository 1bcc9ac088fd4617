import { describe, expect, it } from 'vitest'
import { loadActions } from '../../src/routing/controllers.ts'
import { appFolder } from '../support/app-folder.ts'

const named = (name: string) => `export default function ${name}() { return '${name}' }`

describe('a broken controller file', () => {
  const file = 'api/controllers/login.ts'

  it.each([
    ['syntax', file, 'export default () => {\n  const = 1\n}', /line 2/, /syntax/],
    ['a throw', file, "\nthrow new Error('no luck')", /no luck \(line 2\)/, /action/],
    ['a thrown text', file, "throw 'luck'", /throws luck/, /errors/],
    ['an enum', file, 'enum A { B }\nexport default () => A', /enum/, /strips types/],
    [
      'a missing package',
      file,
      "import 'no-such-thing'",
      /'no-such-thing'/,
      /npm install no-such-/,
    ],
    ['a missing file', file, "import './gone.ts'", /controllers\/gone\.ts/, /path/],
    ['module.exports', file, 'module.exports = () => 1', /`module`.* \(line 1\)/, /`export`/],
    ['nothing', file, '', /exports nothing/, /export default function/],
    ['an object', file, 'export default { find() {} }', /an object/, /export default function/],
    ['a name', file, 'export const login = () => 1', /'login'/, /export default function/],
    ['a class', file, 'export default class Login {}', /a class/, /export default function/],
    [
      'an input of no known type',
      file,
      "export default { inputs: { a: { type: 'text' } }, fn: () => 1 }",
      /input 'a' has no type 'text'/,
      /string, number/,
    ],
    [
      'an input with an unknown rule',
      file,
      "export default { inputs: { a: { type: 'string', isCool: true } }, fn: () => 1 }",
      /input 'a' has no rule 'isCool'/,
      /custom/,
    ],
  ])('with %s has one problem and its fix', async (_kind, path, text, what, fix) => {
    const root = await appFolder({ [path]: text })

    const { problems } = await loadActions(root)

    expect(problems).toEqual([
      { where: file, what: expect.stringMatching(what), fix: expect.stringMatching(fix) },
    ])
  })

  it.each([
    ['one function', 'export default () => 1', /one function/],
    ['nothing', 'export {}', /no action/],
    ['a number', 'export const find = 1', /'find'.*number/],
  ])('with %s in a controller has one problem', async (_kind, text, what) => {
    const root = await appFolder({ 'api/controllers/UserController.ts': text })

    const { problems } = await loadActions(root)

    expect(problems).toHaveLength(1)
    expect(problems[0]?.what).toMatch(what)
  })

  it('of the other module kind is told which ending helps', async () => {
    const esm = await appFolder({ 'api/controllers/login.js': 'module.exports = () => 1' })
    const cjs = await appFolder({ [file]: 'export default () => 1' }, 'commonjs')

    const [inEsm, inCjs] = await Promise.all([loadActions(esm), loadActions(cjs)])

    expect(inEsm.problems[0]?.fix).toContain('login.cjs')
    expect(inCjs.problems[0]?.fix).toContain('login.mts')
  })

  it('that breaks by what it imports names the other file', async () => {
    const root = await appFolder({
      [file]: "import '../services/mail.ts'\nexport default () => 1",
      'api/services/mail.ts': "\n\nthrow new Error('no server')",
    })

    const { problems } = await loadActions(root)

    expect(problems[0]?.what).toContain('no server (api/services/mail.ts:3)')
  })

  it('does not hide the others', async () => {
    const root = await appFolder({
      [file]: 'export default 1',
      'api/controllers/broken.ts': 'const',
      'api/controllers/home.ts': named('home'),
    })

    const { handlers, problems } = await loadActions(root)

    expect([...handlers.keys()]).toEqual(['home'])
    expect(problems.map(({ where }) => where)).toEqual(['api/controllers/broken.ts', file])
  })

  it('that takes the identity of another names both', async () => {
    const root = await appFolder({
      'api/controllers/UserController.ts': 'export const find = () => 1',
      'api/controllers/user/find.ts': named('find'),
    })

    const { problems } = await loadActions(root)

    expect(problems).toHaveLength(1)
    expect(`${problems[0]?.where} ${problems[0]?.what}`).toMatch(
      /user\/find\.ts .*'user\/find'.*UserController\.ts/,
    )
  })
})
