/**
 * The code files of an app's folder: which there are, and what each exports.
 * Knows module kinds, not what a controller or a policy is.
 */
import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isMissing } from '../config/find.ts'
import { isPlain } from '../config/layers.ts'
import type { Problem } from './problems.ts'

/** One code file that loaded. */
export interface CodeFile {
  /** From the app's root, with slashes: `api/controllers/account/login.ts`. */
  readonly file: string
  /** From the folder, without its ending: `account/login`. */
  readonly name: string
  /** The default export, or `module.exports`. */
  readonly main: unknown
  /** The other exports by name. */
  readonly named: Readonly<Record<string, unknown>>
}

const code = /\.[cm]?[jt]s$/
const ignored = /(^|\/)\.|\.(test|spec|d)\.[cm]?[jt]s$/

/**
 * Imports all code files below `folder` (relative to `root`), in order of their names.
 * Tests, dotfiles and files that are no code are left alone; a missing folder has no files.
 */
export async function importFolder(
  root: string,
  folder: string,
): Promise<{ readonly files: readonly CodeFile[]; readonly problems: readonly Problem[] }> {
  const paths = await codePaths(join(root, folder))
  const problems: Problem[] = []
  const loaded = await Promise.all(
    paths.map(async (path) => {
      const file = `${folder}/${path}`
      try {
        return { file, name: path.replace(code, ''), ...(await importFile(join(root, file))) }
      } catch (error) {
        const { explain } = await import('./explain.ts')
        problems.push({ where: file, ...explain(error, { root, file }) })
        return undefined
      }
    }),
  )
  problems.sort((a, b) => (a.where < b.where ? -1 : 1))
  return { files: loaded.filter((file) => file !== undefined), problems }
}

async function codePaths(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
    if (isMissing(error)) return []
    throw error
  })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .filter((path) => code.test(path) && !ignored.test(path))
    .sort()
}

/** CommonJS compiled from ES modules keeps its default export one level down. */
async function importFile(path: string): Promise<Pick<CodeFile, 'main' | 'named'>> {
  const module: Record<string, unknown> = await import(pathToFileURL(path).href)
  const { default: main, 'module.exports': _common, __esModule: compiled, ...named } = module
  if (!compiled || !isPlain(main)) return { main, named }
  return { main: main['default'], named }
}
