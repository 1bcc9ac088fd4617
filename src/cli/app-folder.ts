/**
 * Finds an app's folder and steps into it: sees that one is there, and reads its `.env` by Node's own
 * reader.
 */

import { dirname, join } from 'node:path'
import { existsSync } from '../builtin.ts'
import { CatamaranError } from '../errors.ts'

/**
 * The app that a folder belongs to: the folder itself, or the one above it that has the package.json.
 *
 * @throws {CatamaranError} `E_NO_APP`
 */
export function appFolderOf(folder: string): string {
  if (isApp(folder)) return folder
  const above = packageFolderOf(folder)
  if (above === undefined || !isApp(above)) throw new CatamaranError('E_NO_APP', [folder])
  return above
}

/** @throws {CatamaranError} `E_NO_APP` */
export function assertApp(folder: string): void {
  if (!isApp(folder)) throw new CatamaranError('E_NO_APP', [folder])
}

const isApp = (folder: string): boolean =>
  ['config', 'api'].some((name) => existsSync(join(folder, name)))

function packageFolderOf(folder: string): string | undefined {
  if (existsSync(join(folder, 'package.json'))) return folder
  const above = dirname(folder)
  return above === folder ? undefined : packageFolderOf(above)
}

/**
 * To be called before the config is loaded, which looks into the environment.
 * What is set there already stays; `.env` only adds.
 *
 * @throws {CatamaranError} `E_NO_APP`, `E_ENV_FILE`
 */
export function enterAppFolder(folder: string): void {
  assertApp(folder)
  const file = join(folder, '.env')
  if (!existsSync(file)) return
  try {
    process.loadEnvFile(file)
  } catch (cause) {
    throw new CatamaranError('E_ENV_FILE', [file, (cause as Error).message], { cause })
  }
}
