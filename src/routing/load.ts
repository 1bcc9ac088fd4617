/**
 * Reads an app's controllers, policies and routes, and compiles them to the table both doors share.
 */
import type { SecurityConfig } from '../config/security.ts'
import { loadActions } from './controllers.ts'
import { tokenAction, tokenRoute } from './csrf.ts'
import { loadGuards } from './guards.ts'
import type { Handler } from './handler.ts'
import { loadResponses, type OwnResponse } from './own-responses.ts'
import { compilePolicies, loadPolicies, type PolicyRules } from './policies.ts'
import { refuse } from './problems.ts'
import { builtInPolicies } from './recent-login.ts'
import { compileRoutes, type Router, type RoutesInput } from './routes.ts'

/** The parts of the configuration that routing reads. */
export interface RoutingConfig {
  readonly routes: RoutesInput['routes']
  readonly policies: PolicyRules
  readonly security?: SecurityConfig
  /** Whether it is a Sails app. */
  readonly globals?: { readonly sails?: boolean }
  /** Whether there is an engine for `{ view: … }`; a Sails app may do without one. */
  readonly views?: { readonly engine?: unknown; readonly extension?: unknown }
}

export interface LoadedRouting {
  readonly router: Router
  /** The app's own responses by name. */
  readonly responses: ReadonlyMap<string, OwnResponse>
  /** For the log, about files that were passed over. */
  readonly notes: readonly string[]
}

/**
 * Loads the routing of the app at `root`.
 *
 * @throws {CatamaranError} `E_APP_FILES` that lists every mistake in files, policies and routes
 */
export async function loadRouting(root: string, config: RoutingConfig): Promise<LoadedRouting> {
  const [actions, policies, own, guards] = await Promise.all([
    loadActions(root),
    loadPolicies(root),
    loadResponses(root),
    loadGuards(config.security, config.routes),
  ])
  const named = new Map([...builtInPolicies, ...policies.handlers])
  const { responses } = own
  const sails = config.globals?.sails === true
  const hasViews = sails || Boolean(config.views?.engine ?? config.views?.extension)
  const { guardsOf, grantToken } = guards
  const handlers = withToken(actions.handlers, grantToken)
  const known = { actions: handlers, policies: named, responses, hasViews, sails }
  const added = grantToken ? tokenRouteFor(config.routes) : {}
  const rules = compilePolicies(
    { ...tokenRuleFor(added, config.policies), ...config.policies },
    known,
  )
  const routes = { ...added, ...config.routes }
  const table = compileRoutes({ routes, guardsOf, stepsFor: rules.stepsFor, ...known })

  const files = [...actions.problems, ...policies.problems, ...own.problems]
  // An action whose file is broken is missing everywhere: mend the files before the names are told.
  refuse(files.length > 0 ? files : [...rules.problems, ...table.problems])
  const notes = [...actions.notes, ...policies.notes]
  return { router: table.router, responses, notes }
}

function withToken(
  actions: ReadonlyMap<string, Handler>,
  grantToken: Handler | undefined,
): ReadonlyMap<string, Handler> {
  return grantToken ? new Map([[tokenAction, grantToken], ...actions]) : actions
}

/** The address of tokens, unless the app has one of its own. */
function tokenRouteFor(routes: RoutingConfig['routes']): RoutingConfig['routes'] {
  const isTaken = Object.keys(routes).some((address) => /\/csrftoken\/?$/i.test(address))
  return isTaken ? {} : { [tokenRoute]: tokenAction }
}

/** Whoever logs in needs a token before: what guards all actions leaves the address that we add open. */
function tokenRuleFor(added: RoutingConfig['routes'], policies: PolicyRules): PolicyRules {
  const isSaid = Object.keys(policies).some((key) => /^security(\/|controller|$)/i.test(key))
  return tokenRoute in added && !isSaid ? { [tokenAction]: true } : {}
}
