import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root, run, tempFolder } from './run.ts'

const read = (...path: string[]): Promise<string> => readFile(join(...path), 'utf8')

const files = [
  '.env',
  '.gitignore',
  'README.md',
  'api/controllers/account/login.ts',
  'api/policies/is-logged-in.ts',
  'assets/index.html',
  'config/env/production.ts',
  'config/session.ts',
  'package.json',
  'test/login.test.ts',
  'tsconfig.json',
]

describe('catamaran new', () => {
  it('writes an app and says how to go on', async () => {
    await using folder = await tempFolder()

    const { code, out } = await run(['new', 'blog'], { cwd: folder.path })

    const written = await readdir(join(folder.path, 'blog'), { recursive: true })
    expect(code).toBe(0)
    expect(written).toEqual(expect.arrayContaining(files))
    expect(written.filter((name) => /(^|\/)_/.test(name))).toEqual([])
    expect(out).toMatch(/^ {2}cd blog\n {2}npm install\n {2}npm start\n$/m)
    expect(await readdir(folder.path)).toEqual(['blog'])
  })

  it('leaves no placeholder behind', async () => {
    await using folder = await tempFolder()

    await run(['new', 'blog'], { cwd: folder.path })

    for (const name of await readdir(join(folder.path, 'blog'), { recursive: true })) {
      const path = join(folder.path, 'blog', name)
      if ((await stat(path)).isFile()) expect(await read(path), name).not.toMatch(/\{\{\w+\}\}/)
    }
  })

  it('puts a fresh secret where only its owner reads it and git leaves it alone', async () => {
    await using folder = await tempFolder()

    await run(['new', 'one'], { cwd: folder.path })
    await run(['new', 'two'], { cwd: folder.path })

    const [one, two] = await Promise.all(
      ['one', 'two'].map(async (name) => {
        const text = await read(folder.path, name, '.env')
        return /^SESSION_SECRET=([0-9a-f]{64})$/m.exec(text)?.[1]
      }),
    )
    expect(one).toBeDefined()
    expect(two).toBeDefined()
    expect(one).not.toBe(two)
    expect((await stat(join(folder.path, 'one', '.env'))).mode & 0o777).toBe(0o600)
    execFileSync('git', ['init', '--quiet'], { cwd: join(folder.path, 'one') })
    const ignored = execFileSync('git', ['check-ignore', '.env', 'node_modules/x'], {
      cwd: join(folder.path, 'one'),
      encoding: 'utf8',
    })
    expect(ignored).toBe('.env\nnode_modules/x\n')
  })

  it.each([
    ["Ada's Blög", 'ada-s-blog'],
    ['.hidden', 'hidden'],
    ['a/b/c', 'c'],
  ])('calls the package of %j %j', async (wanted, name) => {
    await using folder = await tempFolder()

    const { code } = await run(['new', wanted], { cwd: folder.path })

    expect(code).toBe(0)
    expect(JSON.parse(await read(folder.path, wanted, 'package.json'))).toMatchObject({ name })
  })

  it('fills an empty folder that is there, also the current one', async () => {
    await using folder = await tempFolder()
    await mkdir(join(folder.path, 'here'))

    const { code } = await run(['new', '.'], { cwd: join(folder.path, 'here') })

    expect(code).toBe(0)
    expect(JSON.parse(await read(folder.path, 'here', 'package.json'))).toMatchObject({
      name: 'here',
    })
  })

  it('depends on a tarball of this checkout, packed once for one state of the sources', async () => {
    await using folder = await tempFolder()

    await run(['new', 'one'], { cwd: folder.path })
    const again = await run(['new', 'two'], { cwd: folder.path })

    const [one, two] = await Promise.all(
      ['one', 'two'].map(async (name) => {
        const { dependencies } = JSON.parse(await read(folder.path, name, 'package.json'))
        return String(dependencies.catamaran)
      }),
    )
    expect(one).toMatch(/^file:.*\.cache\/catamaran-.*\.tgz$/)
    expect(two).toBe(one)
    expect(again.err).not.toContain('Packing')
    const packed = execFileSync('tar', ['tzf', one?.slice('file:'.length) ?? ''], {
      encoding: 'utf8',
    })
    expect(packed).toContain('package/dist/cli/main.js')
    expect(packed).toContain('package/templates/app/_gitignore')
    expect(packed).not.toContain('node_modules')
  })

  it.each(['catamaran', 'node_modules', '!!!', '   ', 'new\nline', '/'])(
    'refuses the name %j',
    async (name) => {
      await using folder = await tempFolder()

      const { code, err } = await run(['new', name], { cwd: folder.path })

      expect(code).toBe(1)
      expect(err).toMatch(/cannot name an app\nhint: {2}Choose a folder name/)
      expect(await readdir(folder.path)).toEqual([])
    },
  )

  it('leaves a folder alone that is not empty', async () => {
    await using folder = await tempFolder()
    await writeFile(join(folder.path, 'mine.txt'), 'mine')

    const { code, err } = await run(['new', '.'], { cwd: folder.path })

    expect(code).toBe(1)
    expect(err).toMatch(/is not empty\nhint: {2}Choose a new folder/)
    expect(await readdir(folder.path)).toEqual(['mine.txt'])
  })

  it('says why it cannot write, and leaves nothing', async () => {
    await using folder = await tempFolder()
    await writeFile(join(folder.path, 'file'), '')
    await symlink('/proc/nowhere', join(folder.path, 'link'))

    const below = await run(['new', 'file/blog'], { cwd: folder.path })
    const itself = await run(['new', 'file'], { cwd: folder.path })
    const refused = await run(['new', '/proc/blog'], { cwd: folder.path })

    for (const { code, err } of [below, itself, refused]) {
      expect(code).toBe(1)
      expect(err).toMatch(/cannot be written: [a-z ]+\nhint: {2}Choose a folder you may write to/)
    }
    expect((await readdir(folder.path)).sort()).toEqual(['file', 'link'])
  })

  it('takes back what it wrote when it fails half way', async () => {
    await using folder = await tempFolder()
    const path = join(folder.path, 'blog')

    await run(['new', 'packed'], { cwd: folder.path })
    await rm(join(folder.path, 'packed'), { recursive: true })

    // Room for some files, not for the largest: the kernel ends the writing with a clear error.
    const limited = ['-c', 'ulimit -f 4; trap "" XFSZ; exec "$@"', 'sh', process.execPath]
    const words = ['--conditions=@catamaran/source', 'src/cli/main.ts', 'new', path]
    const { status, stderr } = spawnSync('sh', [...limited, ...words], {
      cwd: root,
      encoding: 'utf8',
    })

    expect(status).toBe(1)
    expect(stderr).toContain('cannot be written: file too large')
    expect(await readdir(folder.path)).toEqual([])
  })

  it('commits with --git, or stages when git knows nobody', async () => {
    await using folder = await tempFolder()
    const nobody = {
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_SYSTEM: '/dev/null',
      HOME: folder.path,
    }
    const strict = {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'user.useConfigOnly',
      GIT_CONFIG_VALUE_0: 'true',
    }
    const ada = { GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.com' }
    const committer = { GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.com' }

    const known = await run(['new', 'one', '--git'], {
      cwd: folder.path,
      env: { ...nobody, ...ada, ...committer },
    })
    const unknown = await run(['new', 'two', '--git'], {
      cwd: folder.path,
      env: { ...nobody, ...strict },
    })

    const git = (app: string, ...words: string[]): string =>
      execFileSync('git', words, { cwd: join(folder.path, app), encoding: 'utf8' })
    expect(known).toMatchObject({ code: 0 })
    expect(git('one', 'log', '--format=%an: %s')).toBe('Ada: First lift\n')
    expect(git('one', 'ls-files')).not.toContain('.env')
    expect(unknown.code).toBe(0)
    expect(unknown.err).toContain('the files are staged, not committed')
    expect(git('two', 'diff', '--cached', '--name-only')).toContain('package.json')
  })

  it('asks for git before it writes anything', async () => {
    await using folder = await tempFolder()

    const { code, err } = await run(['new', 'blog', '--git'], {
      cwd: folder.path,
      env: { PATH: folder.path },
    })

    expect(code).toBe(1)
    expect(err).toMatch(/`git` does not run here\nhint: {2}Install it/)
    expect(await readdir(folder.path)).toEqual([])
  })
})
