import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { testApp } from '../../src/testing/index.ts'
import { root, run, runHere, tempFolder, writeTemplate } from './run.ts'

const read = (...path: string[]): Promise<string> => readFile(join(...path), 'utf8')

/** An app with nothing in it but some files. */
async function appOf(files: Readonly<Record<string, string>>) {
  const folder = await tempFolder()
  for (const name of ['config', 'api', 'node_modules']) await mkdir(join(folder.path, name))
  await symlink(root, join(folder.path, 'node_modules', 'catamaran'))
  for (const name of ['@types', 'undici-types']) {
    await symlink(join(root, 'node_modules', name), join(folder.path, 'node_modules', name))
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text)
  return folder
}

/** One of each kind. */
async function generateAll(cwd: string): Promise<void> {
  const lines = [
    ['action', 'user/changePassword'],
    ['controller', 'admin/shop-item'],
    ['policy', 'is-owner'],
    ['response', 'gone-away'],
    ['test', 'user/change-password', 'admin/shopitem'],
  ]
  for (const words of lines) {
    const { code, err } = await runHere(['generate', ...words], cwd)
    expect({ code, err }).toEqual({ code: 0, err: '' })
  }
}

/** What the commands above say to write next. */
const routes = `{
  'GET /user/change-password': 'user/change-password',
  'GET /admin/shopitem': 'admin/shopitem/find',
  'GET /kept': [{ policy: 'is-owner' }, 'user/change-password'],
  'GET /gone': { response: 'goneAway' },
}`

const forms = {
  TypeScript: {
    ending: '.ts',
    files: {
      'package.json': '{ "type": "module" }',
      'config/routes.ts': `export const routes = ${routes}`,
    },
  },
  'TypeScript in a package of CommonJS': {
    ending: '.mts',
    files: {
      'package.json': '{ "type": "commonjs" }',
      'config/routes.mts': `export const routes = ${routes}`,
    },
  },
  'ES modules': {
    ending: '.js',
    files: {
      'package.json': '{ "type": "module" }',
      'config/routes.js': `export const routes = ${routes}`,
    },
  },
  CommonJS: {
    ending: '.js',
    files: { 'package.json': '{}', 'config/routes.js': `module.exports.routes = ${routes}` },
  },
}

const node = ['--conditions=@catamaran/source', '--test']
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

function execute(cwd: string, words: readonly string[]) {
  return promisify(execFile)(process.execPath, words, { cwd })
}

describe('what catamaran generate writes', () => {
  it.each(Object.entries(forms))('works over both doors in %s', async (_, { files, ending }) => {
    await using folder = await appOf(files)
    await generateAll(folder.path)

    const app = await testApp(folder.path)
    const browser = app.browser()
    const paths = ['/user/change-password', '/admin/shopitem', '/kept', '/gone']
    const http = await Promise.all(paths.map((path) => browser.get(path)))
    const socket = await Promise.all(paths.map((path) => browser.emit(`GET ${path}`)))
    await app.close()

    expect(http.map(({ status }) => status)).toEqual([200, 200, 403, 400])
    expect(socket.map(({ statusCode }) => statusCode)).toEqual([200, 200, 403, 400])
    expect(http[0]?.body).toEqual({ action: 'user/change-password', inputs: {} })
    expect(http[1]?.body).toEqual({ action: 'admin/shopitem/find', inputs: {} })
    expect(http[3]?.body).toEqual({ code: 'E_GONE_AWAY' })
    for (const index of [0, 1, 3]) expect(socket[index]?.body).toEqual(http[index]?.body)
    const written = await readdir(join(folder.path, 'api'), { recursive: true })
    expect(written.filter((name) => name.includes('.') && !name.endsWith(ending))).toEqual([])
  })

  it.each(Object.entries(forms))('passes its own tests in %s', async (_, { files, ending }) => {
    await using folder = await appOf(files)
    await generateAll(folder.path)

    const { stdout } = await execute(folder.path, [...node, `test/**/*.test${ending}`])

    expect(stdout).toMatch(/pass 2\n[\s\S]*fail 0\n/)
    const text = await read(folder.path, `test/admin/shopitem.test${ending}`)
    expect(text).toContain("await browser.emit('GET /admin/shopitem')")
  })

  it('has a test that fails until there is a route', async () => {
    await using folder = await appOf({
      ...forms.TypeScript.files,
      'config/routes.ts': 'export const routes = {}',
    })
    await runHere(['generate', 'test', 'user/login'], folder.path)

    const failed = execute(folder.path, [...node, 'test/**/*.test.ts'])

    await expect(failed).rejects.toMatchObject({
      stdout: expect.stringContaining('config/routes has nothing for GET /user/login'),
    })
  })

  it('has a test that fails where the transports differ', async () => {
    await using folder = await appOf(forms.TypeScript.files)
    await generateAll(folder.path)
    await writeFile(
      join(folder.path, 'api/controllers/user/change-password.ts'),
      'export default (req, res) => res.status(req.isSocket ? 409 : 200).json({})',
    )

    const ran = execute(folder.path, [...node, 'test/**/*.test.ts'])

    await expect(ran).rejects.toMatchObject({ stdout: expect.stringMatching(/pass 1\n/) })
  })

  it('compiles in a new app, with calls of the response', async () => {
    await using folder = await appOf({})
    await writeTemplate(folder.path)
    await generateAll(folder.path)
    await writeFile(
      join(folder.path, 'api/controllers/gone.ts'),
      `import type { Action } from 'catamaran'
      const gone: Action = (_req, res) => res.goneAway({ why: 'moved' })
      // @ts-expect-error nobody generated this one
      export const other: Action = (_req, res) => res.goneAstray()
      export default gone`,
    )
    // Of the sources, which stand here for the package.
    const depd = join(root, 'src/session/depd.d.ts')
    await writeFile(join(folder.path, 'api/depd.d.ts'), `/// <reference path="${depd}" />`)

    const checked = execute(folder.path, [compiler, '--customConditions', '@catamaran/source'])

    expect((await checked.catch((error: { stdout: string }) => error)).stdout).toBe('')
  })

  it.each(['ES modules', 'CommonJS'] as const)('has no types left in %s', async (form) => {
    await using folder = await appOf(forms[form].files)

    await generateAll(folder.path)

    for (const name of await readdir(join(folder.path, 'api'), { recursive: true })) {
      if (!name.endsWith('.js')) continue
      const text = await read(folder.path, 'api', name)
      expect(text).toMatch(/^\/\*\*\n \* .*\n \* @type \{import\('catamaran'\)\.\w+\}\n \*\//)
      expect(text).not.toMatch(/\$|import type|declare/)
      expect(/^(import|export) /m.test(text)).toBe(form === 'ES modules')
    }
  })
})

describe('catamaran generate', () => {
  it('says what it wrote and what comes next, also as JSON', async () => {
    await using folder = await appOf({})

    const told = await run(['generate', 'action', 'user/login', 'UserController.logOut'], {
      cwd: folder.path,
    })
    const listed = await runHere(['generate', 'policy', 'isOwner', '--json'], folder.path)

    expect(told.out).toBe(
      `api/controllers/user/login.ts is written.
api/controllers/user/log-out.ts is written.
Next:

  in config/routes:  'GET /user/login': 'user/login',
  in config/routes:  'GET /user/log-out': 'user/log-out',
`,
    )
    expect(JSON.parse(listed.out)).toEqual([
      {
        file: 'api/policies/isOwner.ts',
        next: { where: 'config/policies', line: "'the/action': 'isOwner'," },
      },
    ])
  })

  it('never overwrites, unless --force says so', async () => {
    await using folder = await appOf({ 'api/x': '' })
    const words = ['generate', 'action', 'new-one', 'login']
    await mkdir(join(folder.path, 'api/controllers'))
    await writeFile(join(folder.path, 'api/controllers/login.ts'), 'mine')

    const refused = await runHere(words, folder.path)
    const after = await readdir(join(folder.path, 'api/controllers'))
    const kept = await read(folder.path, 'api/controllers/login.ts')
    const forced = await runHere([...words, '--force'], folder.path)

    expect(refused.code).toBe(1)
    expect(refused.err).toMatch(/^error: api\/controllers\/login\.ts is there already\nhint: /)
    expect({ after, kept }).toEqual({ after: ['login.ts'], kept: 'mine' })
    expect(forced.code).toBe(0)
    expect(await read(folder.path, 'api/controllers/login.ts')).toContain("action: 'login'")
  })

  it.each([
    ['controller', 'user', 'api/controllers/UserController.ts'],
    ['policy', 'isOwner', 'api/policies/isOwner.ts'],
    ['response', 'goneAway', 'api/responses/goneAway.ts'],
    ['test', 'user/login', 'test/user/login.test.ts'],
  ])('writes the %s %s anew with --force only', async (kind, name, file) => {
    await using folder = await appOf({ 'config/routes.ts': '' })
    const words = ['generate', kind, name]
    const first = await runHere(words, folder.path)
    const written = await read(folder.path, file)
    await writeFile(join(folder.path, file), 'mine')

    const refused = await runHere(words, folder.path)
    const kept = await read(folder.path, file)
    const forced = await runHere([...words, '--force'], folder.path)

    expect([first.code, refused.code, forced.code]).toEqual([0, 1, 0])
    expect(refused.err).toMatch(`error: ${file} is there already\n`)
    expect(kept).toBe('mine')
    expect(await read(folder.path, file)).toBe(written)
  })

  it.each([
    ['action', 'user/login', 'controllers/user/login.js'],
    ['action', 'user/login', 'controllers/User/login.cts'],
    ['controller', 'user', 'controllers/UserController.mjs'],
    ['controller', 'user', 'controllers/user/find.ts'],
    ['policy', 'isOwner', 'policies/isowner.ts'],
    ['response', 'notHere', 'responses/not-here.ts'],
  ])('refuses the %s %s beside %s, also with --force', async (kind, name, file) => {
    await using folder = await appOf({ 'config/routes.ts': '' })
    await mkdir(join(folder.path, 'api', file, '..'), { recursive: true })
    await writeFile(join(folder.path, 'api', file), 'mine')

    const { code, err } = await runHere(['generate', kind, name, '--force'], folder.path)

    expect(code).toBe(1)
    expect(err).toContain(`would be the same as api/${file}`)
  })

  it.each([
    ['user/find', 'User', 'export const find = () => {}'],
    ['user/find', 'User', 'export async function find(req) {}'],
    ['admin/user/logout', 'admin/User', 'module.exports = {\n  logOut: async (req, res) => {},\n}'],
    ['user/find', 'User', 'module.exports = {\n  async find(req, res) {\n  },\n}'],
    ['user/find', 'User', 'exports.find = (req) => ({})'],
    ['user/find', 'User', 'const find = () => {}\nexport { find }'],
  ])('refuses the action %s beside %sController that has it: %s', async (name, other, text) => {
    await using folder = await appOf({ 'config/routes.ts': '' })
    const file = `api/controllers/${other}Controller.js`
    await mkdir(join(folder.path, file, '..'), { recursive: true })
    await writeFile(join(folder.path, file), text)

    const refused = await runHere(['generate', 'action', name, '--force'], folder.path)
    const another = await runHere(['generate', 'action', 'user/fin'], folder.path)

    expect(refused.code).toBe(1)
    expect(refused.err).toContain(`would be the same as ${file}`)
    expect(another).toMatchObject({ code: 0, err: '' })
  })

  it.each([
    ['acton', 'x', 'There is no template for "acton": did you mean "action"?'],
    ['toString', 'x', 'There is no template for "toString"'],
    ['action', '../../x', 'no file of that name is loaded'],
    ['action', '1st', 'no file of that name is loaded'],
    ['controller', '!', 'no file of that name is loaded'],
    ['policy', 'a.b', 'no file of that name is loaded'],
    ['response', 'user/gone', 'names no method'],
    ['response', 'send-file', 'would hide res.sendFile'],
    ['test', '../x', 'no file of that name is loaded'],
  ])('refuses %s %s by one clear error, and writes nothing', async (kind, name, message) => {
    await using folder = await appOf({})

    const { code, out, err } = await runHere(['generate', kind, 'fine', name], folder.path)

    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain(message)
    expect(err).toMatch(/^error: .*\nhint: {2}.*\n$/)
    expect(await readdir(join(folder.path, 'api'))).toEqual([])
  })

  it('finds the app from a folder inside it, but none where there is none', async () => {
    await using folder = await appOf({ 'package.json': '{ "type": "module" }' })
    await mkdir(join(folder.path, 'lib/deep'), { recursive: true })
    await mkdir(join(folder.path, 'other'))
    await writeFile(join(folder.path, 'other/package.json'), '{}')

    const inside = await runHere(['generate', 'policy', 'a'], join(folder.path, 'lib/deep'))
    const outside = await runHere(['generate', 'policy', 'a'], join(folder.path, 'other'))

    expect(inside.code).toBe(0)
    expect(await readdir(join(folder.path, 'api/policies'))).toEqual(['a.ts'])
    expect(outside.code).toBe(1)
    expect(outside.err).toContain('There is no app in')
  })

  it('says why a file cannot be written', async () => {
    await using folder = await appOf({ 'api/controllers': 'a file' })

    const { code, err } = await runHere(['generate', 'action', 'a/b'], folder.path)

    expect(code).toBe(1)
    expect(err).toMatch(/^error: api\/controllers\/a\/b\.ts cannot be written: not a directory\n/)
  })
})
