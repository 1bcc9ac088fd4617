/**
 * The project as a person gets it: a folder with what git tracks, or would, and nothing else.
 */
import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { onTestFinished } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Copies the project into a fresh folder that lives as long as the test; gives the copy's path. */
export async function cleanCopy(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'catamaran-copy-'))
  onTestFinished(() => rm(parent, { recursive: true, force: true }))
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root })
  const copy = join(parent, 'catamaran')
  for (const file of listed.toString().split('\0').filter(Boolean)) {
    await cp(join(root, file), join(copy, file))
  }
  return copy
}

/** The environment of a fresh shell: without what `npm test` added for this process. */
export function freshEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const path = (process.env['PATH'] ?? '').split(delimiter)
  const own = path.filter(
    (folder) => !folder.includes('node_modules') && !folder.includes('node-gyp'),
  )
  const rest = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|VITEST|NODE_|TEST$|CI$|REPORT$|INIT_CWD$)/.test(name),
  )
  return { ...Object.fromEntries(rest), PATH: own.join(delimiter), ...more }
}
