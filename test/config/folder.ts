/**
 * Loads the configuration of an app made of files.
 */
import { type LoadedConfig, type LoadOptions, loadConfig } from '../../src/config/load.ts'
import { CatamaranError } from '../../src/errors.ts'
import { appFolder, type Files, strongSecret } from '../support/app-folder.ts'

export { appFolder, strongSecret }

/** Loads an app made of these files, without the variables of the test's own process. */
export async function load(files: Files, options: LoadOptions = {}): Promise<LoadedConfig> {
  return loadConfig(await appFolder(files), { environment: {}, ...options })
}

/** Loads an app that has problems and gives their lines. */
export async function problems(files: Files, options: LoadOptions = {}): Promise<string[]> {
  try {
    await load(files, options)
  } catch (error) {
    if (!(error instanceof CatamaranError) || error.code !== 'E_CONFIG') throw error
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
  }
  return []
}
