/**
 * Runs the programs a command leans on (npm, git), and says clearly when one is missing or
 * fails.
 */
import { type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { CatamaranError } from '../errors.ts'

/** npm is a script on Windows, which needs a shell there. */
const shell = process.platform === 'win32'

/**
 * Runs a program to its end; its output goes where `stdio` says.
 *
 * @throws {CatamaranError} `E_TOOL_MISSING`, `E_TOOL_FAILED`
 */
export async function runTool(
  program: string,
  words: readonly string[],
  options: SpawnOptions,
): Promise<void> {
  const child = spawn(program, words, { ...options, shell })
  const code = await once(child, 'close').then(
    ([value]) => value as number | null,
    (cause) => Promise.reject(new CatamaranError('E_TOOL_MISSING', [program], { cause })),
  )
  if (code !== 0) throw new CatamaranError('E_TOOL_FAILED', [[program, ...words].join(' ')])
}

/** Runs a short program quietly and answers what it printed; `undefined` when it fails. */
export function askTool(
  program: string,
  words: readonly string[],
  cwd: string,
): string | undefined {
  const { status, stdout } = spawnSync(program, words, { cwd, encoding: 'utf8', shell })
  return status === 0 ? stdout.trim() : undefined
}
