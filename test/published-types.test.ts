/** What we publish stands on its own: an app needs no types of packages it does not know. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

it('what is published compiles in a strict app that checks the types of its libraries', async () => {
  const app = await mkdtemp(join(tmpdir(), 'catamaran-types-'))
  try {
    const lib = join(app, 'node_modules', 'catamaran')
    await mkdir(lib, { recursive: true })
    await symlink(join(root, 'node_modules'), join(lib, 'node_modules'))
    for (const name of ['@types', 'undici-types']) {
      await symlink(join(root, 'node_modules', name), join(app, 'node_modules', name))
    }
    await symlink(join(root, 'package.json'), join(lib, 'package.json'))
    const dist = ['--outDir', join(lib, 'dist'), '--emitDeclarationOnly']
    await tsc(root, '-p', 'tsconfig.build.json', ...dist)
    await writeFile(join(app, 'app.ts'), code)
    await writeFile(join(app, 'package.json'), '{ "type": "module" }')
    await writeFile(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions: strict }))

    expect(await tsc(app, '-p', '.')).toBe('')
  } finally {
    await rm(app, { recursive: true })
  }
})

const strict = {
  strict: true,
  noEmit: true,
  target: 'es2024',
  module: 'nodenext',
  skipLibCheck: false,
  preserveSymlinks: true,
  types: ['node'],
}

const code = `
import { type Action, MemoryStore, session } from 'catamaran'
import { RedisStore, SqliteStore } from 'catamaran/stores'

export const action: Action = (req) => {
  // @ts-expect-error the app declares no such field
  req.session.nope
  return req.session.id
}
// @ts-expect-error a secret is text
session({ secret: 4 })
session({ secret: 'keyboard cat', store: new MemoryStore() })
export const stores = [RedisStore, SqliteStore]
`

async function tsc(cwd: string, ...args: string[]): Promise<string> {
  const run = promisify(execFile)(process.execPath, [compiler, ...args], { cwd })
  return run.then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  )
}
