/** The git half of `catamaran new --git`. */
import { CatamaranError } from '../errors.ts'
import { askTool, runTool } from './tool.ts'

/** @throws {CatamaranError} `E_TOOL_MISSING` when there is no git */
export function assertGit(cwd: string): void {
  if (askTool('git', ['--version'], cwd) === undefined) {
    throw new CatamaranError('E_TOOL_MISSING', ['git'])
  }
}

/**
 * Makes a repository of the folder, with everything in a first commit.
 *
 * @returns a line to print when git knows no name to commit under: then the files are only staged
 */
export async function commitAll(folder: string): Promise<string | undefined> {
  const run = (...words: string[]): Promise<void> =>
    runTool('git', words, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  await run('init', '--quiet')
  await run('add', '--all')
  if (askTool('git', ['var', 'GIT_AUTHOR_IDENT'], folder) === undefined) {
    return 'git knows no user.name and user.email yet: the files are staged, not committed.'
  }
  await run('commit', '--quiet', '--message', 'First lift')
  return undefined
}
