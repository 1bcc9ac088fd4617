/**
 * Steps into an app's folder: sees that one is there, and reads its `.env` by Node's own
 * reader.
 */

import { join } from 'node:path'
import { existsSync } from '../builtin.ts'
import { CatamaranError } from '../errors.ts'

/**
 * To be called before the config is loaded, which looks into the environment.
 * What is set there already stays; `.env` only adds.
 *
 * @throws {CatamaranError} `E_NO_APP`, `E_ENV_FILE`
 */
export function enterAppFolder(folder: string): void {
  if (!['config', 'api'].some((name) => existsSync(join(folder, name)))) {
    throw new CatamaranError('E_NO_APP', [folder])
  }
  const file = join(folder, '.env')
  if (!existsSync(file)) return
  try {
    process.loadEnvFile(file)
  } catch (cause) {
    throw new CatamaranError('E_ENV_FILE', [file, (cause as Error).message], { cause })
  }
}
