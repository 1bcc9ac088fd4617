/** The chapter "Start": what it writes into a new app, tried there. */
import { execFile } from 'node:child_process'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { root, tempFolder, writeTemplate } from '../cli/run.ts'
import { blocksOf } from './blocks.ts'

const page = 'docs/start.md'
const blocks = blocksOf(page, await readFile(join(root, page), 'utf8'))

/** Puts a line of the chapter into the object of a config file. */
async function addLine(app: string, subject: string): Promise<void> {
  const line = blocks.find(({ fragment }) => fragment === `config/${subject}`)?.code ?? ''
  const file = join(app, 'config', `${subject}.ts`)
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace(/^\} satisfies/m, `${line}$&`))
}

describe('the chapter "Start"', () => {
  it('writes an action, its routes, policy and test, and they work in a new app', async () => {
    await using folder = await tempFolder()
    await writeTemplate(folder.path)
    await mkdir(join(folder.path, 'node_modules'), { recursive: true })
    await symlink(root, join(folder.path, 'node_modules', 'catamaran'))
    const files = blocks.filter(({ file }) => file !== undefined)
    for (const { file = '', code } of files) {
      await mkdir(dirname(join(folder.path, file)), { recursive: true })
      await writeFile(join(folder.path, file), code)
    }
    for (const subject of ['routes', 'policies']) await addLine(folder.path, subject)

    const given = ['--conditions=@catamaran/source', '--test', 'test/**/*.test.ts']
    const run = promisify(execFile)(process.execPath, given, {
      cwd: folder.path,
      env: { ...process.env, SESSION_SECRET: 'a secret of this test and of no other' },
    })

    expect(files.map(({ file }) => file)).toEqual([
      'api/controllers/count/up.ts',
      'test/count.test.ts',
    ])
    expect((await run).stdout).toMatch(/pass 6\n[\s\S]*fail 0\n/)
  })

  it('names lines that the template has', async () => {
    const session = await readFile(join(root, 'templates/app/config/session.ts'), 'utf8')
    const login = await readFile(
      join(root, 'templates/app/api/controllers/account/login.ts'),
      'utf8',
    )
    const adapter = blocks.find(({ fragment }) => fragment === 'config/session')?.code ?? '?'
    const line = blocks.find(({ fragment }) => fragment === 'action')?.code ?? '?'

    expect(session).toContain(`// ${adapter}`)
    expect(login).toContain(line.trim().replace(/: it is stored.*/, ''))
  })
})
