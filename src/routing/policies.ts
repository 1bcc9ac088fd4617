/**
 * Policies by convention: `api/policies/*` are the guards, `config/policies` says which guard which action.
 * Not cumulative: of all keys that cover an action the most specific one counts alone.
 */

import { isPlain } from '../config/layers.ts'
import { identityOf, type Loaded } from './controllers.ts'
import { tokenAction } from './csrf.ts'
import { importFolder } from './files.ts'
import { type Handler, isHandler } from './handler.ts'
import { type Problem, type Report, suggest } from './problems.ts'

/** Reads all policies of the app at `root`; a policy's identity is its file's lower-case name. */
export async function loadPolicies(root: string): Promise<Loaded> {
  const { files, problems } = await importFolder(root, 'api/policies')
  const taken = new Map<string, { readonly file: string; readonly handler: Handler }>()
  const all = [...problems]

  for (const { file, name, main } of files) {
    const report: Report = (what, fix) => all.push({ where: file, what, fix })
    const identity = name.toLowerCase()
    const other = taken.get(identity)
    if (!isHandler(main)) {
      report('exports no function as default', 'Write `export default (req, res, next) => …`.')
    } else if (other) {
      report(`is policy '${identity}', as is ${other.file}`, 'Rename or remove one.')
    } else taken.set(identity, { file, handler: main })
  }
  const handlers = new Map([...taken].map(([identity, { handler }]) => [identity, handler]))
  return { handlers, problems: all, notes: [] }
}

/** What `config/policies` may hold; checked here, key by key. */
export type PolicyRules = Readonly<Record<string, unknown>>

export interface CompiledPolicies {
  /** The guards of one action, in order; none where nothing is said about it. */
  stepsFor(identity: string): readonly Handler[]
  readonly problems: readonly Problem[]
}

interface Known {
  readonly actions: ReadonlyMap<string, Handler>
  readonly policies: ReadonlyMap<string, Handler>
}

/**
 * Turns `config/policies` into the guards of each action.
 * Keys: `'*'`, `'dir/*'`, `'dir/action'`, `'UserController.find'`, and Sails' nested `UserController: { … }`.
 * Values: `true` (open), `false` (403), a policy's name, a function, or a list of those.
 */
export function compilePolicies(rules: PolicyRules, known: Known): CompiledPolicies {
  const problems: Problem[] = []
  const table = new Map<string, readonly Handler[]>()
  const said = new Map<string, string>()
  for (const { written, key, value } of flatten(rules)) {
    const report: Report = (what, fix) =>
      problems.push({ where: `config/policies · '${written}'`, what, fix })
    if (!covers(key, known.actions)) {
      const otherwise = 'Take the key out, or add the action.'
      report('matches no action', suggest(key, known.actions.keys(), otherwise))
    }
    const other = said.get(key)
    if (other) report(`is of the same actions as '${other}'`, 'Take one of the two out.')
    said.set(key, written)
    table.set(key, guards(value, known.policies, report))
  }
  return { stepsFor: (identity) => mostSpecific(table, identity), problems }
}

/** The policy of a name as it is written in configuration, or a problem. */
export function findPolicy(
  name: string,
  policies: ReadonlyMap<string, Handler>,
  report: Report,
): Handler | undefined {
  const found = policies.get(name.toLowerCase())
  if (found) return found
  const otherwise = `Write api/policies/${name.toLowerCase()}.ts.`
  report(`no policy '${name}'`, suggest(name, policies.keys(), otherwise))
  return undefined
}

/** Refuses everything: what `false` stands for. */
const refuseAll: Handler = (_req, res) => res.forbidden()

function guards(
  value: unknown,
  policies: ReadonlyMap<string, Handler>,
  report: Report,
): readonly Handler[] {
  if (value === true) return []
  if (value === false) return [refuseAll]
  if (Array.isArray(value)) return value.flatMap((item) => guards(item, policies, report))
  if (isHandler(value)) return [value]
  if (typeof value !== 'string') {
    report('is no policy', 'Write true, false, a name, a function, or a list of those.')
    return [refuseAll]
  }
  return [findPolicy(value, policies, report) ?? refuseAll]
}

function flatten(rules: PolicyRules) {
  return Object.entries(rules).flatMap(([written, value]) => {
    const key = identityOf(written)
    if (isPlain(value)) {
      return Object.entries(value).map(([method, rule]) => ({
        written: `${written}.${method}`,
        key: `${key}/${method.toLowerCase()}`,
        value: rule,
      }))
    }
    const whole = written.endsWith('Controller')
    return [{ written, key: whole ? `${key}/*` : key, value }]
  })
}

function covers(key: string, actions: ReadonlyMap<string, Handler>): boolean {
  if (key === '*' || actions.has(key)) return true
  // The action that grants tokens is there only with csrf; what guards it may stay.
  const names = [tokenAction, ...actions.keys()]
  return key === tokenAction || (key.endsWith('/*') && names.some(isBelow(key.slice(0, -1))))
}

const isBelow = (folder: string) => (name: string) => `${name}/`.startsWith(folder)

/** As in Sails `'account/*'` covers the action `account`, too. */
function mostSpecific(table: ReadonlyMap<string, readonly Handler[]>, identity: string) {
  const parts = identity.split('/')
  const parents = parts.map((_, index) => [...parts.slice(0, parts.length - index - 1), '*'])
  const keys = [identity, `${identity}/*`, ...parents.map((parent) => parent.join('/'))]
  return keys.map((key) => table.get(key)).find((steps) => steps !== undefined) ?? []
}
