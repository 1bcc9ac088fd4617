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
  return manifest().version
}

/** The oldest Node it may run on: major and minor. */
export function oldestNode(): readonly number[] {
  return manifest().engines.node.replace('>=', '').split('.').slice(0, 2).map(Number)
}

function manifest(): { version: string; engines: { node: string } } {
  return JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8'))
}
