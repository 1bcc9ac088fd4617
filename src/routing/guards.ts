/**
 * What stands before the policies of a route: CORS, and the guards against forged requests, by
 * `config/security` and by `cors` and `csrf` beside a target.
 */
import { isPlain } from '../config/layers.ts'
import { type CorsRules, readCorsRules, type SecurityConfig } from '../config/security.ts'
import { identityOf } from './controllers.ts'
import { createOriginGuard, tokenAction } from './csrf.ts'
import type { Handler } from './handler.ts'
import type { Report } from './problems.ts'
import type { RouteOptions } from './targets.ts'

/** The steps before a route's own. */
export interface Guards {
  /** The first of them, which also answers browsers that ask beforehand. */
  readonly cors?: Handler | undefined
  readonly steps: readonly Handler[]
}

/** Makes the guards of one route. */
export type GuardsOf = (verb: string, options: RouteOptions, report: Report) => Guards

const nothing: Guards = { steps: [] }

/** Loads what the security of these routes needs, and nothing else. */
export async function loadGuards(
  security: SecurityConfig | undefined,
  routes: Readonly<Record<string, unknown>>,
): Promise<{ readonly guardsOf: GuardsOf; readonly grantToken: Handler | undefined }> {
  if (!security) return { guardsOf: () => nothing, grantToken: undefined }
  const parts = partsOf(Object.values(routes))
  const options = parts.filter(isPlain)
  const { allRoutes, ...defaults } = security.cors
  const corsIsUsed = allRoutes || options.some(({ cors }) => cors)
  const tokensAreUsed =
    security.csrf === true || options.some(({ csrf }) => csrf) || parts.some(isTokenAction)
  const [cors, tokens] = await Promise.all([
    corsIsUsed ? import('./cors.ts') : undefined,
    tokensAreUsed ? import('./csrf-tokens.ts') : undefined,
  ])

  const guardsOf: GuardsOf = (verb, options, report) => {
    // An event of an app's own comes by a socket, whose handshake was asked.
    if (verb === 'ON') return nothing
    const rules = cors && rulesOf(options.cors ?? allRoutes, defaults, report)
    const step = rules && cors?.createCors(rules)
    const csrf = options.csrf ?? security.csrf
    const steps = step ? [step] : []
    if ((csrf && !tokens) || (options.cors && !cors)) {
      report("has 'csrf' or 'cors' in a place that is not read", 'Write it beside the target.')
    }
    if (csrf && tokens) steps.push(tokens.offerToken)
    if (csrf === false || verb === 'GET' || verb === 'HEAD') return { cors: step, steps }
    steps.push(createOriginGuard((req) => Boolean(cors?.invites(rules, req))))
    if (csrf && tokens) steps.push(tokens.wantToken)
    return { cors: step, steps }
  }
  return { guardsOf, grantToken: tokens?.grantToken }
}

function rulesOf(written: unknown, defaults: CorsRules, report: Report): CorsRules | undefined {
  if (written === false) return undefined
  if (written === true) return defaults
  const given = typeof written === 'string' ? { allowOrigins: written } : written
  const read = readCorsRules({ ...defaults, ...(given as object) })
  if ('rules' in read) return read.rules
  report(`'cors' ${read.why}`, 'Write it as cors of config/security.')
  return undefined
}

/** All that targets are made of, also within chains and behind `target`. */
function partsOf(written: unknown): unknown[] {
  const parts: unknown[] = [written].flat(Infinity)
  return parts.flatMap((part) => (isPlain(part) ? [part, ...partsOf(part['target'])] : [part]))
}

function isTokenAction(part: unknown): boolean {
  const { controller, action } = isPlain(part) ? part : { action: part }
  if (typeof action !== 'string') return false
  const full = controller === undefined ? action : `${identityOf(String(controller))}/${action}`
  return identityOf(full) === tokenAction
}
