/**
 * `catamaran sessions`: what stands in a session store, and moving it to another. Ids never show, but by
 * the short hash that the log uses.
 */
import { enterAppFolder } from './app-folder.ts'
import { command } from './command.ts'
import { options, type SessionsContext } from './sessions-options.ts'

type Action = (context: SessionsContext) => Promise<number>

const actions: Readonly<Record<string, () => Promise<Action>>> = {
  copy: async () => (await import('./sessions-copy.ts')).copy,
  list: async () => (await import('./sessions-show.ts')).list,
  count: async () => (await import('./sessions-show.ts')).count,
  clear: async () => (await import('./sessions-show.ts')).clear,
}

export const sessions = command({
  summary: 'Move, list, count or end the sessions of a store',
  example: 'catamaran sessions copy --from sqlite --to redis://localhost:6379',
  operands: [{ name: 'action', summary: 'copy, list, count or clear' }],
  options,
  takesConfig: true,
  async run(given, terminal, { operands: [name = ''], overrides }) {
    const load = Object.hasOwn(actions, name) ? actions[name] : undefined
    if (!load) {
      terminal.warn(`\`catamaran sessions\` knows ${Object.keys(actions).join(', ')}.`)
      return 2
    }
    enterAppFolder(terminal.cwd)
    const { loadConfig } = await import('../config/load.ts')
    const { config } = await loadConfig(terminal.cwd, {
      arguments: overrides,
      environment: terminal.environment,
    })
    const action = await load()
    const { session, sockets, root } = config
    return action({ session, sockets, root, options: given, terminal })
  },
})
