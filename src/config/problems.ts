/**
 * Problems of a configuration: one line each, all of them at once.
 */
import type * as z from 'zod'
import { CatamaranError } from '../errors.ts'
import { didYouMean } from './closest.ts'
import type { Merged } from './layers.ts'
import { sourceOf, valueAt } from './layers.ts'
import { childOf, keysOf, pathsOf, type Schema } from './shape.ts'
import { show } from './show.ts'

/** One thing to mend. */
export interface Problem {
  /** File, environment variable or option. */
  readonly place: string
  /** Dotted path and shown value, where there is one. */
  readonly path?: string
  readonly value?: string
  /** What to do, in words that follow the value. */
  readonly advice: string
}

/** Builds the one error that names every problem. */
export function configError(problems: readonly Problem[]): CatamaranError {
  const lines = problems.map(({ place, path, value, advice }) =>
    [`  ${place}`, path, value, advice].filter((part) => part !== undefined).join(' · '),
  )
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  return new CatamaranError('E_CONFIG', [count, lines.join('\n')])
}

/** What is needed to say where an issue comes from. */
export interface Findings {
  readonly schema: Schema
  readonly merged: Merged
  /** Path a value has now → path its author wrote. */
  readonly written: ReadonlyMap<string, string>
  /** Names the file in which a missing value is best set. */
  homeOf(path: string): string
}

/** Turns zod's issues into problems; every unknown key becomes one of its own. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], findings: Findings): Problem[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map(String)
    if (issue.code !== 'unrecognized_keys') return [problemAt(path, issue.message, findings)]
    const known = keysOf(path.reduce(childOf, findings.schema))
    return issue.keys.map((key) => {
      const advice = didYouMean(key, known) || elsewhere(key, path, findings.schema) || ' remove it'
      return problemAt([...path, key], `unknown key:${advice}`, findings)
    })
  })
}

/** Ready words for a key that is known in another place: of this subject or of none, unless two are as near. */
function elsewhere(key: string, path: readonly string[], schema: Schema): string {
  const all = pathsOf(key, schema)
  const near = all.filter(([subject]) => subject === path[0])
  const [first, second] = (near.length > 0 ? near : all).sort((a, b) => a.length - b.length)
  if (!first || first.length === second?.length) return ''
  return ` did you mean "${first.join('.')}"?`
}

/** Describes a problem with the value at a path. */
export function problemAt(keys: readonly string[], advice: string, findings: Findings): Problem {
  const { merged, written } = findings
  const path = keys.join('.')
  const value = valueAt(merged.values, keys)
  const source = value === undefined ? undefined : sourceOf(merged.sources, path)
  return {
    place: source ?? findings.homeOf(path),
    path: asWritten(path, written),
    value: show(path, value),
    advice,
  }
}

/** The path as its author wrote it: `sockets.onlyAllowOrigins.0` for `sockets.origins.0`. */
function asWritten(path: string, written: ReadonlyMap<string, string>): string {
  for (const [now, before] of written) {
    if (path === now || path.startsWith(`${now}.`)) return before + path.slice(now.length)
  }
  return path
}

const kindWords: Readonly<Record<string, string>> = {
  string: 'must be text, in quotes',
  number: 'must be a number',
  int: 'must be a whole number',
  boolean: 'must be true or false',
  array: 'must be a list',
  object: 'must be an object of keys and values',
  record: 'must be an object of keys and values',
}

/** Words for what schemas leave unsaid; given to zod for a whole parse. */
export function generalWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') return kindWords[issue.expected]
  if (issue.code === 'too_small') return smallWords(issue)
  if (issue.code === 'too_big') return `must be ${String(issue.maximum)} or less`
  if (issue.code !== 'invalid_value') return undefined
  const words = issue.values.map(String)
  const hint = typeof issue.input === 'string' ? didYouMean(issue.input, words) : ''
  return `must be one of ${words.join(', ')}${hint && `:${hint}`}`
}

type TooSmall = Pick<z.core.$ZodIssueTooSmall, 'origin' | 'minimum' | 'inclusive'>

function smallWords({ origin, minimum, inclusive }: TooSmall): string {
  if (origin === 'string' || origin === 'array') return 'must not be empty'
  return inclusive ? `must be ${minimum} or more` : `must be above ${minimum}`
}
