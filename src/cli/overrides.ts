/**
 * Takes configuration out of a command line: `--session.ttl=60`, or `--session.ttl 60`.
 * A dot in the name tells it from an option, so that a mistyped option stays an error.
 */

export interface SplitLine {
  /** What is left for the parser. */
  readonly rest: readonly string[]
  /** Path to value, both as written; the config schemas read the values. */
  readonly overrides: Readonly<Record<string, string>>
}

/** Splits a command line into options and configuration; a path without a value means `true`. */
export function splitOverrides(line: readonly string[]): SplitLine {
  const rest: string[] = []
  const overrides: Record<string, string> = {}
  for (let index = 0; index < line.length; index += 1) {
    const word = line[index] ?? ''
    const [, path, value] = /^--([\w-]+(?:\.[\w-]+)+)(?:=(.*))?$/s.exec(word) ?? []
    if (!path) {
      rest.push(word)
      continue
    }
    const next = line[index + 1]
    const takesNext = value === undefined && next !== undefined && !next.startsWith('-')
    overrides[path] = value ?? (takesNext ? next : 'true')
    if (takesNext) index += 1
  }
  return { rest, overrides }
}
