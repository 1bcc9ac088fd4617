/**
 * `catamaran doctor`: looks at everything the session depends on, and says what to mend. It starts no app
 * and changes nothing. This file puts the checks together; doctor-*.ts are the checks.
 */
import { enterAppFolder } from './app-folder.ts'
import { command, type Rest } from './command.ts'
import { checkConfig } from './doctor-config.ts'
import { checkCookie, checkProxy } from './doctor-cookie.ts'
import { checkFiles } from './doctor-files.ts'
import { type Check, type Finding, printFindings, withoutSecrets } from './doctor-finding.ts'
import { checkNode } from './doctor-node.ts'
import { checkOrigins } from './doctor-origins.ts'
import { checkSockets } from './doctor-sockets.ts'
import { checkStores } from './doctor-store.ts'
import type { Terminal } from './terminal.ts'

const checks: readonly Check[] = [checkCookie, checkProxy, checkOrigins, checkStores, checkSockets]

export const doctor = command({
  summary: 'Check configuration, cookie, store and what else the session depends on',
  example: 'catamaran doctor --prod --strict',
  options: {
    prod: { type: 'boolean', summary: 'Check what NODE_ENV=production runs with' },
    strict: { type: 'boolean', summary: 'Exit with 1 for warnings, too' },
    json: { type: 'boolean', summary: 'Print JSON' },
  },
  takesConfig: true,
  async run({ prod, strict, json }, terminal, { overrides }) {
    if (prod) terminal.environment['NODE_ENV'] = 'production'
    enterAppFolder(terminal.cwd)
    const { environment, findings } = await examine(terminal, overrides)
    const errors = countOf(findings, 'error')
    const warnings = countOf(findings, 'warning')
    if (json) {
      terminal.print(JSON.stringify({ environment, errors, warnings, findings }, null, 2))
    } else {
      printFindings(findings, terminal)
      terminal.print(`\nChecked for ${environment}: errors ${errors}, warnings ${warnings}.`)
    }
    return errors > 0 || (strict && warnings > 0) ? 1 : 0
  },
})

async function examine({ cwd, environment: variables }: Terminal, overrides: Rest['overrides']) {
  const { readConfig } = await import('../config/load.ts')
  const options = { arguments: overrides, environment: variables }
  const read = await readConfig(cwd, options)
  const { environment, loaded } = read
  const findings: Finding[] = [...checkNode(process.versions.node), ...checkConfig(read)]
  if (loaded) {
    const found = await Promise.all(checks.map((check) => check(loaded.config)))
    findings.push(...merge(findings, found.flat()))
    // An app is only made of a configuration without a problem.
    if (read.problems.length === 0) findings.push(...(await checkFiles(cwd, options)))
  }
  return { environment, findings: findings.map(withoutSecrets) }
}

/** What is well is not said of a subject in which the loader found something. */
function merge(before: readonly Finding[], found: readonly Finding[]): readonly Finding[] {
  const touched = new Set(before.map(({ check }) => check))
  return found.filter(({ check, level }) => level !== 'ok' || !touched.has(check))
}

function countOf(findings: readonly Finding[], level: Finding['level']): number {
  return findings.filter((finding) => finding.level === level).length
}
