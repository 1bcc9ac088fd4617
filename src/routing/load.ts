/**
 * Reads an app's controllers, policies and routes, and compiles them to the table both doors share.
 */
import { loadActions } from './controllers.ts'
import { compilePolicies, loadPolicies, type PolicyRules } from './policies.ts'
import { refuse } from './problems.ts'
import { builtInPolicies } from './recent-login.ts'
import { compileRoutes, type Router, type RoutesInput } from './routes.ts'

/** The parts of the configuration that routing reads. */
export interface RoutingConfig {
  readonly routes: RoutesInput['routes']
  readonly policies: PolicyRules
}

/**
 * Loads the routing of the app at `root`.
 *
 * @returns the table, and notes for the log about files that were passed over
 * @throws {CatamaranError} `E_APP_FILES` that lists every mistake in files, policies and routes
 */
export async function loadRouting(
  root: string,
  config: RoutingConfig,
): Promise<{ readonly router: Router; readonly notes: readonly string[] }> {
  const [actions, policies] = await Promise.all([loadActions(root), loadPolicies(root)])
  const named = new Map([...builtInPolicies, ...policies.handlers])
  const known = { actions: actions.handlers, policies: named }
  const rules = compilePolicies(config.policies, known)
  const table = compileRoutes({ routes: config.routes, stepsFor: rules.stepsFor, ...known })

  const files = [...actions.problems, ...policies.problems]
  // An action whose file is broken is missing everywhere: mend the files before the names are told.
  refuse(files.length > 0 ? files : [...rules.problems, ...table.problems])
  return { router: table.router, notes: [...actions.notes, ...policies.notes] }
}
