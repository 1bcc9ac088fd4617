/**
 * Finds the files of `config/`: one per subject. Looks at names only, and never outside the app's folder.
 */
import { readdir } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { Problem } from './problems.ts'

/** File kinds the reader can read. */
export const extensions = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json', '.yaml', '.yml']

/** A file that configures one subject. */
export interface ConfigFile {
  /** `session` for `config/session.ts`. */
  readonly subject: string
  /** Where it is: absolute. */
  readonly path: string
  /** What messages call it: relative to the app's folder, with slashes. */
  readonly name: string
}

/** Lists the config files of one folder, and what is wrong with their names. */
export async function findFiles(
  root: string,
  folder: string,
): Promise<{ readonly files: readonly ConfigFile[]; readonly problems: readonly Problem[] }> {
  const bySubject = new Map<string, ConfigFile[]>()
  for (const name of await namesIn(join(root, folder))) {
    const subject = basename(name, extname(name))
    const file = { subject, path: join(root, folder, name), name: `${folder}/${name}` }
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), file])
  }
  const doubles = [...bySubject.values()].filter((files) => files.length > 1)
  return {
    files: [...bySubject.values()].flatMap((files) => files.slice(0, 1)),
    problems: doubles.map((files) => ({
      place: files.map(({ name }) => name).join(' and '),
      advice: 'both configure the same subject: keep one of them',
    })),
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    // Symbolic links count: mounted configuration is often made of them.
    const files = entries.filter((entry) => entry.isFile() || entry.isSymbolicLink())
    return files
      .map(({ name }) => name)
      .filter(isConfigFile)
      .sort()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

function isConfigFile(name: string): boolean {
  return extensions.includes(extname(name)) && !name.startsWith('.') && !/\.d\.[mc]?ts$/.test(name)
}

/** True when an error says that a file or folder is not there. */
export function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOENT' || code === 'ENOTDIR'
}
