/**
 * The table of routes both doors share: compiled once from `config/routes`, asked once per request.
 * The narrower address wins, not the earlier one: fixed paths, then regular expressions as they are
 * written, then patterns segment by segment (text before parameter before wildcard). On the same path a
 * written verb wins over none, and both over ALL.
 */
import { CatamaranError } from '../errors.ts'
import { type Address, eventPath, plainPath, readAddress } from './addresses.ts'
import type { GuardsOf } from './guards.ts'
import type { Handler } from './handler.ts'
import type { Problem } from './problems.ts'
import { type RouteOptions, readTarget, type TargetTools } from './targets.ts'

export type { Handler } from './handler.ts'

export interface Route {
  /** Upper-case, `ALL`, or `ON` for an event. */
  readonly verb: string
  readonly path: string
  /** The key of `config/routes`, as written; routes of one address may differ in their verb. */
  readonly address: string
  /** What it leads to, for people. */
  readonly target: string
  /** Policies first, then the action or the chain. */
  readonly steps: readonly Handler[]
  readonly options: RouteOptions
  /** The first of the steps, where other sites may read the answer. */
  readonly cors?: Handler | undefined
}

export interface RouteMatch {
  readonly route: Route
  /** Decoded; wildcards without a name are `0`, `1`, … */
  readonly params: Record<string, string>
}

export interface Router {
  /** In the order in which they are tried. */
  readonly routes: readonly Route[]
  /**
   * Finds the one route for an upper-case verb and a path without its query. HEAD is served by GET.
   *
   * @throws {CatamaranError} `E_BAD_URL` (400) when the path can't be decoded
   */
  match(verb: string, path: string): RouteMatch | undefined
  /** The next one that would have served the same verb and path, for when all steps of `last` have gone on. */
  matchAfter(last: Route, verb: string, path: string): RouteMatch | undefined
  /** The path to match with the verb `ON`, where there is a route for an event of this name. */
  eventPath(name: string): string | undefined
  /** The verbs some route answers at this path, for `Allow`; throws as `match` does. */
  verbsOf(path: string): readonly string[]
}

export type RoutesInput = Omit<TargetTools, 'report'> & {
  /** What stands in `config/routes`: addresses and targets. */
  readonly routes: Readonly<Record<string, unknown>>
  /** What stands before a route's own steps. */
  readonly guardsOf?: GuardsOf
  /** As in Sails, a GET that ends in a parameter leaves alone what ends like a file name, unless it says otherwise. */
  readonly sails?: boolean | undefined
}

interface Entry {
  readonly route: Route
  readonly at: Address
}

/** Compiles `config/routes`; mistakes are collected, so that all can be told at once. */
export function compileRoutes({ routes, guardsOf, sails, ...tools }: RoutesInput): {
  readonly router: Router
  readonly problems: readonly Problem[]
} {
  const problems: Problem[] = []
  const entries = Object.entries(routes).flatMap(([address, written]): Entry[] => {
    const report = (what: string, fix: string) => {
      problems.push({ where: `config/routes · '${address}'`, what, fix })
    }
    const at = readAddress(address, report)
    const { steps, text: target, options: said } = readTarget(written, { ...tools, sails, report })
    const skips = sails && at?.verbs.includes('GET') && /:[^/]+\/?$/.test(at.path)
    const options = skips ? { skipAssets: true, ...said } : said
    return (at?.verbs ?? []).flatMap((verb) => {
      if (!at) return []
      const guards = guardsOf?.(verb, options, report)
      const all = guards ? [...guards.steps, ...steps] : steps
      const route = { verb, path: at.path, address, target, steps: all, options }
      return [{ at, route: guards?.cors ? { ...route, cors: guards.cors } : route }]
    })
  })
  return { router: createRouter(entries.sort(byWidth)), problems }
}

function createRouter(entries: readonly Entry[]): Router {
  const fixed = Map.groupBy(
    entries.filter(({ at, route }) => at.fixed !== undefined && route.verb !== 'ON'),
    ({ at }) => at.fixed,
  )
  const patterns = entries.filter(({ at }) => at.pattern !== undefined)

  const events = entries.filter(({ route }) => route.verb === 'ON')
  const names = new Set(events.map(({ route }) => route.path))
  const eventRoutes = new Map(events.map(({ route, at }) => [at.fixed, route]))

  function match(verb: string, path: string): RouteMatch | undefined {
    if (verb === 'ON') {
      const route = eventRoutes.get(path)
      return route && { route, params: {} }
    }
    // A fixed path costs one look-up, whatever else there is.
    const here = fixed.get(path) ?? fixed.get(plainPath(path))
    const entry = here?.find(({ route }) => accepts(route, verb))
    if (entry) return { route: entry.route, params: {} }
    if (!path.startsWith('/')) return undefined
    decode(path)
    return firstOf(patterns, verb, path)
  }

  function matchAfter(last: Route, verb: string, path: string): RouteMatch | undefined {
    const at = entries.findIndex(({ route }) => route === last)
    return verb === 'ON' ? undefined : firstOf(entries.slice(at + 1), verb, path)
  }

  function verbsOf(path: string): readonly string[] {
    const here = fixed.get(plainPath(path)) ?? []
    const wide = patterns.filter(({ route, at }) => path.startsWith('/') && find(route, at, path))
    const named = new Set([...here, ...wide].map(({ route }) => route.verb))
    if (named.has('ALL')) return everyVerb
    if (named.has('GET')) named.add('HEAD')
    return everyVerb.filter((verb) => named.has(verb))
  }

  return {
    routes: entries.map(({ route }) => route),
    match,
    matchAfter,
    eventPath: (name) => (names.has(name) ? eventPath(name) : undefined),
    verbsOf,
  }
}

function firstOf(entries: readonly Entry[], verb: string, path: string): RouteMatch | undefined {
  for (const { route, at } of entries) {
    if (!accepts(route, verb)) continue
    if (at.fixed !== undefined && at.fixed === plainPath(path)) return { route, params: {} }
    const found = find(route, at, path)
    if (found) return { route, params: paramsOf(found, at.names) }
  }
  return undefined
}

const everyVerb = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

function accepts({ verb: own }: Route, verb: string): boolean {
  return own === verb || own === 'ALL' || (verb === 'HEAD' && own === 'GET')
}

function find({ options }: Route, { pattern }: Address, path: string): RegExpExecArray | null {
  if (options.skipAssets && /\.[^/.]+$/.test(path)) return null
  return pattern?.exec(path) ?? null
}

function paramsOf(found: RegExpExecArray, names: readonly string[]): Record<string, string> {
  const params: Record<string, string> = Object.create(null)
  for (let index = 1; index < found.length; index += 1) {
    const value = found[index]
    if (value !== undefined) params[names[index - 1] ?? String(index - 1)] = decode(value)
  }
  return params
}

function decode(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new CatamaranError('E_BAD_URL', [], { cause })
  }
}

/** Sorting is stable, so equals keep the order in which they are written. */
function byWidth(a: Entry, b: Entry): number {
  return kind(a) - kind(b) || widths(a.at, b.at) || verbRank(a) - verbRank(b)
}

function kind({ at }: Entry): number {
  if (at.fixed !== undefined) return 0
  return at.path.startsWith('r|') ? 1 : 2
}

function widths(a: Address, b: Address): number {
  const length = Math.max(a.widths.length, b.widths.length)
  for (let index = 0; index < length; index += 1) {
    const difference = (a.widths[index] ?? 0) - (b.widths[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function verbRank({ route, at }: Entry): number {
  if (route.verb === 'HEAD') return 0
  if (route.verb === 'ALL') return 3
  return at.explicit ? 1 : 2
}
