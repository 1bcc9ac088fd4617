/**
 * The server files of a SocketStream app: actions in `server/rpc`, request middleware in `server/middleware`.
 */

import { CatamaranError } from '../errors.ts'
import { importFolder } from '../routing/files.ts'

/** What an app's file exports; who calls it knows how. */
export type Exported = (...given: never[]) => unknown

export interface RpcFiles {
  /** What a file exports as `actions`, by its path with dots: `chat.rooms`. */
  readonly actions: ReadonlyMap<string, Exported>
  /** By file and export: `user.checkAuthenticated`. */
  readonly middleware: ReadonlyMap<string, Exported>
}

/** @throws {CatamaranError} `E_APP_FILES` when one does not load, or has no actions */
export async function loadRpcFiles(root: string): Promise<RpcFiles> {
  const rpc = await importFolder(root, 'server/rpc')
  const steps = await importFolder(root, 'server/middleware')
  const actions = new Map<string, Exported>()
  const lacking: string[] = []
  for (const { file, name, main, named } of rpc.files) {
    const found: unknown = named['actions'] ?? Object(main).actions
    if (typeof found === 'function') actions.set(dotted(name), found as Exported)
    else lacking.push(`  ${file}: exports no function \`actions\``)
  }
  const problems = [...rpc.problems, ...steps.problems].map(
    ({ where, ...said }) => `  ${where}: ${Object.values(said).join(' ')}`,
  )
  const all = [...problems, ...lacking]
  if (all.length > 0) {
    const count = all.length === 1 ? '1 problem' : `${all.length} problems`
    throw new CatamaranError('E_APP_FILES', [count, all.join('\n')])
  }

  const middleware = new Map<string, Exported>()
  for (const { name, main, named } of steps.files) {
    if (typeof main === 'function') middleware.set(dotted(name), main as Exported)
    for (const [key, make] of Object.entries({ ...Object(main), ...named })) {
      if (typeof make === 'function') {
        middleware.set(`${dotted(name)}.${key}`, make as Exported)
      }
    }
  }
  return { actions, middleware }
}

function dotted(name: string): string {
  return name.replaceAll('/', '.')
}
