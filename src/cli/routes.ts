/** `catamaran routes`: the compiled table, as both doors use it. */

import { enterAppFolder } from './app-folder.ts'
import { command } from './command.ts'
import { columns } from './table.ts'

export const routes = command({
  summary: 'Print the routes and what answers them',
  example: 'catamaran routes --json',
  options: { json: { type: 'boolean', summary: 'Print JSON instead of a table' } },
  takesConfig: true,
  async run({ json }, terminal, { overrides }) {
    enterAppFolder(terminal.cwd)
    const { createApp } = await import('../app.ts')
    const app = await createApp(terminal.cwd, {
      arguments: overrides,
      environment: terminal.environment,
    })
    const table = app.router.routes.map(({ verb, path, target }) => ({ verb, path, target }))
    if (json) terminal.print(JSON.stringify(table, null, 2))
    else {
      const rows = table.map(({ verb, path, target }) => [verb, path, target])
      for (const row of columns(rows)) terminal.print(row)
    }
    await app.lower()
    return 0
  },
})
