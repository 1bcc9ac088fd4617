/**
 * Lists a loaded configuration for people: every value, and where it came from.
 */
import { leavesOf } from './layers.ts'
import type { LoadedConfig } from './load.ts'
import { show } from './show.ts'

/** One configured value. */
export interface ConfigLine {
  /** Dotted: `session.cookie.maxAge`. */
  readonly path: string
  /** On one line, secrets hidden. */
  readonly value: string
  readonly source: string
}

/** Lists every value of a configuration, in the order of the paths. */
export function describeConfig({ config, sources }: LoadedConfig): ConfigLine[] {
  const { root, ...values } = config
  return leavesOf(values)
    .map(([path, value]) => ({
      path,
      value: show(path, value),
      source: sources.get(path) ?? 'default',
    }))
    .sort((left, right) => (left.path < right.path ? -1 : 1))
}
