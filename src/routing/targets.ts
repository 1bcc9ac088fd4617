/**
 * Targets of routes: everything that may stand on the right side of `config/routes`, made into steps.
 */

import { closest } from '../config/closest.ts'
import { isPlain } from '../config/layers.ts'
import { identityOf } from './controllers.ts'
import { type Handler, isHandler } from './handler.ts'
import { findPolicy } from './policies.ts'
import { type Report, suggest } from './problems.ts'
import { isResponseName, responseNames } from './responses.ts'

/** What may be said beside a target. */
export interface RouteOptions {
  /** `false`: this route never opens a session. */
  readonly session?: boolean
  /** `false`: this route does not renew the session's life. */
  readonly activity?: boolean
  /** `true`: a pattern leaves paths alone that end like a file name. */
  readonly skipAssets?: boolean
  /** `true`: wants a token of the session; `false`: may be asked from any site. Else as `config/security` says. */
  readonly csrf?: boolean
  /** Which other sites may read its answers; read by guards.ts. */
  readonly cors?: unknown
  /** What happens when the session store does not answer: 503, or a visitor without a session. */
  readonly onStoreError?: 'fail' | 'anonymous'
  /** What else stands there in a Sails app: its actions find it in `req.options`. */
  readonly own?: Readonly<Record<string, unknown>>
}

/** A target, read: what runs, what it is called in lists, and the options that stood beside it. */
export interface Target {
  readonly steps: readonly Handler[]
  readonly text: string
  readonly options: RouteOptions
}

/** What targets can name. */
export interface TargetTools {
  readonly actions: ReadonlyMap<string, Handler>
  readonly policies: ReadonlyMap<string, Handler>
  /** The guards of an action; inline functions have none. */
  readonly stepsFor: (identity: string) => readonly Handler[]
  /** The app's own responses. */
  readonly responses: ReadonlyMap<string, unknown>
  /** Whether there is an engine for `{ view: … }`. */
  readonly hasViews: boolean
  /** Whether it is a Sails app, where options of any name may stand beside a target. */
  readonly sails?: boolean | undefined
  readonly report: Report
}

const optionNames = ['session', 'activity', 'skipAssets', 'csrf', 'cors', 'onStoreError'] as const
const kinds = ['action', 'fn', 'response', 'policy', 'view', 'target'] as const
const none: Target = { steps: [], text: '', options: {} }

/** Reads a target; mistakes are reported. */
export function readTarget(written: unknown, tools: TargetTools): Target {
  const chain: readonly unknown[] = [written].flat(Infinity)
  const last = chain.at(-1)
  if (last === undefined) {
    tools.report('has no target', "Name an action: 'account/login'.")
    return none
  }
  // Alone it guards an address, and whoever passes goes on to the next route; at the end of a chain it was forgotten.
  if (chain.length > 1 && isPlain(last) && 'policy' in last) {
    tools.report('ends in a policy', "Put the action after it: [{ policy: 'x' }, 'account/me'].")
    return none
  }
  const guards = chain.slice(0, -1).map((item) => readGuard(item, tools))
  return [...guards, readOne(last, tools)].reduce((before, target) => ({
    steps: [...before.steps, ...target.steps],
    text: `${before.text}, ${target.text}`,
    options: { ...before.options, ...target.options },
  }))
}

/** Before the end of a chain a text may also name a policy; an action of that name goes first. */
function readGuard(written: unknown, tools: TargetTools): Target {
  const isPolicy =
    typeof written === 'string' &&
    !tools.actions.has(identityOf(written)) &&
    tools.policies.has(written.toLowerCase())
  return readOne(isPolicy ? { policy: written } : written, tools)
}

function readOne(written: unknown, tools: TargetTools): Target {
  if (typeof written === 'string') return readText(written, tools)
  if (isHandler(written)) return { ...none, steps: [written], text: nameOf(written) }
  if (isPlain(written)) return readObject(written, tools)
  tools.report('is no target', "Write an action's name, a path to redirect to, or a function.")
  return none
}

function readText(written: string, tools: TargetTools): Target {
  if (!/^(\/|https?:\/\/)/.test(written)) return readAction(written, tools)
  return { ...none, steps: [(_req, res) => res.redirect(written)], text: `redirect ${written}` }
}

function readAction(written: string, { actions, stepsFor, report }: TargetTools): Target {
  const identity = identityOf(written)
  const action = actions.get(identity)
  if (action) return { ...none, steps: [...stepsFor(identity), action], text: identity }
  const otherwise = `Write api/controllers/${identity}.ts.`
  report(`no action '${identity}'`, suggest(identity, actions.keys(), otherwise))
  return none
}

function readObject(written: Record<string, unknown>, tools: TargetTools): Target {
  const { controller, locals, ...keys } = written
  const options = readOptions(keys, tools)
  const kind = kinds.filter((name) => name in keys)
  if (kind.length !== 1 || !kind[0]) {
    tools.report('needs one target', `Write one of ${kinds.join(', ')} beside the options.`)
    return none
  }
  const value = keys[kind[0]]
  if (kind[0] === 'view') return { ...readView(value, locals, tools), options }
  if (kind[0] === 'target') {
    const target = readTarget(value, tools)
    return { ...target, options: { ...target.options, ...options } }
  }
  const full = controller === undefined ? value : `${identityOf(String(controller))}/${value}`
  return { ...readKind(kind[0], full, tools), options }
}

function readView(page: unknown, locals: unknown, { hasViews, report }: TargetTools): Target {
  if (typeof page !== 'string') report(`'view' is a ${typeof page}`, 'Give it a name.')
  else if (!hasViews) {
    report(`view '${page}' has no engine`, "Set engine in config/views, as in { engine: 'ejs' }.")
  }
  const show: Handler = (_req, res) => res.view(String(page), Object(locals))
  return { ...none, steps: [show], text: `view ${page}` }
}

function readKind(
  kind: Exclude<(typeof kinds)[number], 'view' | 'target'>,
  value: unknown,
  tools: TargetTools,
): Target {
  const { report } = tools
  if (kind === 'fn' && isHandler(value)) return readOne(value, tools)
  if (kind === 'fn' || typeof value !== 'string') {
    report(`'${kind}' is a ${typeof value}`, `Give it a ${kind === 'fn' ? 'function' : 'name'}.`)
    return none
  }
  if (kind === 'action') return readAction(value, tools)
  if (kind === 'policy') {
    const policy = findPolicy(value, tools.policies, report)
    return policy ? { ...none, steps: [policy], text: `policy ${value}` } : none
  }
  if (isResponseName(value) || tools.responses.has(value)) {
    const respond: Handler = (_req, res) => Reflect.get(res, value).call(res)
    return { ...none, steps: [respond], text: `response ${value}` }
  }
  const names = [...responseNames, ...tools.responses.keys()]
  report(`no response '${value}'`, suggest(value, names, `Write api/responses/${value}.ts.`))
  return none
}

function readOptions(
  keys: Record<string, unknown>,
  { sails, report }: Pick<TargetTools, 'sails' | 'report'>,
): RouteOptions {
  const options: Record<string, unknown> = {}
  const own: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(keys)) {
    if (kinds.some((kind) => kind === key)) continue
    if (!optionNames.some((name) => name === key)) {
      if (sails && closest(key, optionNames) === undefined) {
        own[key] = value
        continue
      }
      const otherwise = `Known are ${optionNames.join(', ')}.`
      report(`no option '${key}'`, suggest(key, [...optionNames, ...kinds], otherwise))
    } else if (key === 'onStoreError') {
      if (value === 'fail' || value === 'anonymous') options[key] = value
      else report(`'${key}' is ${String(value)}`, "Write 'fail' or 'anonymous'.")
    } else if (key === 'cors' || typeof value === 'boolean') options[key] = value
    else report(`'${key}' is a ${typeof value}`, 'Write true or false.')
  }
  return Object.keys(own).length > 0 ? { ...options, own } : options
}

function nameOf(handler: Handler): string {
  return handler.name ? `function ${handler.name}` : 'function'
}
