/**
 * Checks a merged configuration: the schema, the secret, the environment's name.
 */
import type { Gathered } from './gather.ts'
import { type Merged, valueAt } from './layers.ts'
import { type Findings, generalWords, type Problem, problemAt, problemsOf } from './problems.ts'
import { type Checked, configSchema } from './schema.ts'
import { weaknessOf } from './secret.ts'

/**
 * Checks everything, and collects instead of stopping.
 *
 * @param written - path a value has now → path its author wrote
 */
export function check(
  gathered: Gathered,
  merged: Merged,
  written: ReadonlyMap<string, string>,
): { readonly config: Checked | undefined; readonly problems: readonly Problem[] } {
  const findings: Findings = { schema: configSchema, merged, written, homeOf }
  const parsed = configSchema.safeParse(merged.values, {
    error: generalWords,
    // Compiling the schema costs more than the one run it is compiled for.
    jitless: true,
  })
  const issues = (parsed.error?.issues ?? []).filter((issue) => !isExcused(issue.path))
  const problems = [
    ...gathered.problems,
    ...problemsOf(issues, findings),
    ...environmentProblems(gathered, findings),
    ...(gathered.environment === 'production' ? secretProblems(findings) : []),
  ]
  return { config: parsed.data, problems }

  function homeOf(path: string): string {
    const [subject = path] = path.split('.')
    return gathered.homes.get(subject) ?? `config/${subject}.ts`
  }

  /** A value that is missing may stand in a file that could not be read. */
  function isExcused(path: readonly PropertyKey[]): boolean {
    const isBroken = gathered.broken.has('*') || gathered.broken.has(String(path[0]))
    return isBroken && valueAt(merged.values, path) === undefined
  }
}

function environmentProblems({ environment }: Gathered, findings: Findings): Problem[] {
  const set = findings.merged.values['environment']
  if (set === undefined || set === environment) return []
  return [problemAt(['environment'], 'cannot be set here: set NODE_ENV', findings)]
}

function secretProblems(findings: Findings): Problem[] {
  const weakness = weaknessOf(valueAt(findings.merged.values, ['session', 'secret']))
  if (weakness === undefined) return []
  const advice = `${weakness}: put what \`catamaran secret\` prints into SESSION_SECRET`
  return [problemAt(['session', 'secret'], advice, findings)]
}
