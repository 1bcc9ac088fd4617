/** The chapter "Start": what it writes into a new app, tried there. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../cli/run.ts'
import { blocksOf } from './blocks.ts'
import { newApp } from './new-app.ts'

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
    await using app = await newApp()
    const files = blocks.filter(({ file }) => file !== undefined)
    for (const { file = '', code } of files) await app.write(file, code)
    for (const subject of ['routes', 'policies']) await addLine(app.path, subject)

    const printed = await app.runTests()

    expect(files.map(({ file }) => file)).toEqual([
      'api/controllers/count/up.ts',
      'test/count.test.ts',
    ])
    expect(printed).toMatch(/pass 7\n[\s\S]*fail 0\n/)
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
