/** Where this package stands, whether it runs from `src/` or from `dist/`. */

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readFileSync } from '../builtin.ts'

/** The folder of Catamaran's own package.json. */
export function packageFolder(): string {
  return fileURLToPath(new URL('../..', import.meta.url))
}

/** The version this package.json states. */
export function packageVersion(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(join(packageFolder(), 'package.json'), 'utf8'),
  )
  return manifest.version
}
