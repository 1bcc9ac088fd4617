/**
 * `catamaran config`: every value the app runs with, and where it came from. Secrets stay
 * hidden.
 */

import { enterAppFolder } from './app-folder.ts'
import { command } from './command.ts'
import { columns } from './table.ts'

export const config = command({
  summary: 'Print every configuration value and where it came from',
  example: 'catamaran config --session.ttl=60 --json',
  options: { json: { type: 'boolean', summary: 'Print JSON instead of a table' } },
  takesConfig: true,
  async run({ json }, terminal, { overrides }) {
    enterAppFolder(terminal.cwd)
    const { loadConfig } = await import('../config/load.ts')
    const { describeConfig } = await import('../config/describe.ts')
    const loaded = await loadConfig(terminal.cwd, {
      arguments: overrides,
      environment: terminal.environment,
    })
    const lines = describeConfig(loaded)
    if (json) terminal.print(JSON.stringify(lines, null, 2))
    else {
      const rows = lines.map(({ path, value, source }) => [path, value, source])
      for (const row of columns(rows)) terminal.print(row)
    }
    return 0
  },
})
