/**
 * A new app, for chapters that say what to write into one.
 */
import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { root, tempFolder, writeTemplate } from '../cli/run.ts'

export type NewApp = Awaited<ReturnType<typeof newApp>>

/** The template's app in a folder of its own, which finds Catamaran and its own files' packages. */
export async function newApp() {
  const folder = await tempFolder()
  await writeTemplate(folder.path)
  await mkdir(join(folder.path, 'node_modules'), { recursive: true })
  await symlink(root, join(folder.path, 'node_modules', 'catamaran'))

  return {
    ...folder,
    async write(file: string, code: string): Promise<void> {
      await mkdir(dirname(join(folder.path, file)), { recursive: true })
      await writeFile(join(folder.path, file), code)
    },
    /** Runs its tests as `npm test` does there, and gives what is printed. */
    async runTests(files = 'test/**/*.test.ts'): Promise<string> {
      const given = ['--conditions=@catamaran/source', '--test', files]
      const env = { ...process.env, SESSION_SECRET: 'a secret of this test and of no other' }
      const run = promisify(execFile)(process.execPath, given, {
        cwd: folder.path,
        env,
        // A test that leaves its app open would go on for ever.
        timeout: 100_000,
      })
      return (await run).stdout
    },
  }
}
