import type { Request, Response } from 'express'
import { describe, expect, it } from 'vitest'
import { identityOf, loadActions } from '../../src/routing/controllers.ts'
import { appFolder } from '../support/app-folder.ts'

const named = (name: string) => `export default function ${name}() { return '${name}' }`

async function run(root: string, identity: string): Promise<unknown> {
  const { handlers } = await loadActions(root)
  return handlers.get(identity)?.({} as Request, {} as Response, () => {})
}

describe('the actions of an app', () => {
  it('are named by their paths', async () => {
    const root = await appFolder({
      'api/controllers/home.ts': named('home'),
      'api/controllers/account/login.mts': named('login'),
      'api/controllers/Admin/v1.2/list-users.js': named('list'),
    })

    const { handlers, problems, notes } = await loadActions(root)

    expect([...handlers.keys()].sort()).toEqual(['account/login', 'admin/v1/2/list-users', 'home'])
    expect(problems).toEqual([])
    expect(notes).toEqual([])
  })

  it('are none in an app without the folder', async () => {
    const root = await appFolder({})

    const { handlers, problems } = await loadActions(root)

    expect(handlers.size).toBe(0)
    expect(problems).toEqual([])
  })

  it.each([
    ['a typed default export', 'one.ts', "export default (req: object): string => 'ran'"],
    ['module.exports in .cjs', 'one.cjs', "module.exports = () => 'ran'"],
    [
      'exports.default of a compiler',
      'one.cjs',
      "exports.__esModule = true\nexports.default = () => 'ran'",
    ],
  ])('can be %s', async (_form, file, text) => {
    const root = await appFolder({ [`api/controllers/${file}`]: text })

    expect(await run(root, 'one')).toBe('ran')
  })

  it.each([
    ['exports by name', 'UserController.ts', "export const find = () => 'ran'"],
    ['a default object', 'UserController.ts', "export default { find: () => 'ran' }"],
    ['module.exports', 'UserController.cjs', "module.exports = { find: () => 'ran' }"],
    ['exports.find', 'UserController.cjs', "exports.find = () => 'ran'"],
  ])('can stand together in a controller by %s', async (_form, file, text) => {
    const root = await appFolder({ [`api/controllers/admin/${file}`]: text })

    expect(await run(root, 'admin/user/find')).toBe('ran')
  })

  it('can be module.exports in a .js of a CommonJS app', async () => {
    const files = {
      'api/controllers/UserController.js': "module.exports = { findOne: () => 'ran' }",
    }
    const root = await appFolder(files, 'commonjs')

    expect(await run(root, 'user/findone')).toBe('ran')
  })

  it('reach their neighbours in a controller through this', async () => {
    const text = "export default { name() { return 'ada' }, find() { return this.name() } }"
    const root = await appFolder({ 'api/controllers/UserController.ts': text })

    expect(await run(root, 'user/find')).toBe('ada')
  })

  it('leave out what Sails leaves out of a controller', async () => {
    const text = "module.exports = { _config: {}, identity: 'user', find() {} }"
    const root = await appFolder({ 'api/controllers/UserController.cjs': text })

    const { handlers, problems } = await loadActions(root)

    expect([...handlers.keys()]).toEqual(['user/find'])
    expect(problems).toEqual([])
  })

  it('leave tests, dotfiles, declarations and other files alone', async () => {
    const broken = 'this is not JavaScript'
    const root = await appFolder({
      'api/controllers/login.test.ts': broken,
      'api/controllers/login.d.ts': broken,
      'api/controllers/.draft.ts': broken,
      'api/controllers/.old/login.ts': broken,
      'api/controllers/README.md': broken,
    })

    expect(await loadActions(root)).toEqual({ handlers: new Map(), problems: [], notes: [] })
  })

  it('note code whose name follows no convention', async () => {
    const root = await appFolder({ 'api/controllers/logIn.ts': named('login') })

    const { handlers, notes } = await loadActions(root)

    expect(handlers.size).toBe(0)
    expect(notes).toEqual([expect.stringMatching(/logIn\.ts.* log-in/)])
  })
})

describe('an identity', () => {
  it.each([
    ['account/login', 'account/login'],
    ['UserController.find', 'user/find'],
    ['admin/UserController.findOne', 'admin/user/findone'],
    ['user.find', 'user/find'],
  ])('%s is read as %s', (written, identity) => {
    expect(identityOf(written)).toBe(identity)
  })
})
