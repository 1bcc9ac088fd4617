/**
 * Packages of peers that tests stand beside: installed, in a folder of test/fixtures, when they are first
 * needed. Where that fails the tests are skipped with one loud line, and fail with CI=true.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Whether a folder of test/fixtures has its packages, `name` among them. */
export function hasPackages(folder: string, name: string): boolean {
  const cwd = join(import.meta.dirname, '..', 'fixtures', folder)
  if (existsSync(join(cwd, 'node_modules', name))) return true
  try {
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund']
    execFileSync('npm', ['ci', ...quiet], { cwd, stdio: 'ignore', timeout: 120_000 })
    return true
  } catch (error) {
    if (process.env['CI'] === 'true') throw error
    console.warn(
      `\n!!! SKIPPED tests beside ${name}: \`npm ci\` in test/fixtures/${folder} fails\n`,
    )
    return false
  }
}
