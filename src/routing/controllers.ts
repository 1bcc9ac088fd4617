/**
 * Actions by convention: `api/controllers/**` becomes a map from identity to handler.
 * `account/login.ts` is the action `account/login`; `UserController.js` holds `user/find` and others.
 */
import { isPlain } from '../config/layers.ts'
import { type CodeFile, importFolder } from './files.ts'
import { type Handler, isClass, isHandler } from './handler.ts'
import type { Problem } from './problems.ts'

/** What a folder of handlers holds, and what was wrong or odd in it. */
export interface Loaded {
  /** By lower-case identity: `account/login`. */
  readonly handlers: ReadonlyMap<string, Handler>
  readonly problems: readonly Problem[]
  /** One line each, for the log: files that were passed over, and why. */
  readonly notes: readonly string[]
}

const folder = 'api/controllers'
const signature = '`export default function (req, res) { … }`'

/** Reads all actions of the app at `root`. Nothing is thrown for a bad file: it becomes a problem. */
export async function loadActions(root: string): Promise<Loaded> {
  const { files, problems } = await importFolder(root, folder)
  const taken = new Map<string, { readonly file: string; readonly handler: Handler }>()
  const notes: string[] = []
  const all = [...problems]

  for (const file of files) {
    const report = (what: string, fix: string) => all.push({ where: file.file, what, fix })
    const actions = await actionsOf(file, report)
    if (!actions)
      notes.push(
        `${file.file} is passed over: name it ${kebab(file.name)}, or …Controller for several actions`,
      )
    for (const [identity, handler] of actions ?? []) {
      const other = taken.get(identity)
      if (other) report(`is action '${identity}', as is ${other.file}`, 'Rename or remove one.')
      else taken.set(identity, { file: file.file, handler })
    }
  }
  const handlers = new Map([...taken].map(([identity, { handler }]) => [identity, handler]))
  return { handlers, problems: all, notes }
}

/**
 * The identity behind any way to write an action: `account/login`, `UserController.find`,
 * `admin/UserController.find`, `user.find`.
 */
export function identityOf(written: string): string {
  return written
    .replace(/Controller(?=[./]|$)/, '')
    .replaceAll('.', '/')
    .toLowerCase()
}

type Tell = (what: string, fix: string) => unknown

/** The actions of one file, or `undefined` when its name follows neither convention. */
async function actionsOf(file: CodeFile, report: Tell): Promise<[string, Handler][] | undefined> {
  const cut = file.name.lastIndexOf('/') + 1
  const base = file.name.slice(cut)
  const prefix = identityOf(file.name.slice(0, cut))
  if (/^[a-z][a-z0-9-]*$/.test(base)) {
    const handler = await single(file, report)
    return handler ? [[prefix + base, handler]] : []
  }
  if (!/^[0-9A-Z]\w*Controller$/.test(base)) return undefined
  const methods = await several(file, report)
  return methods.map(([method, handler]) => [
    `${prefix}${identityOf(base)}/${method.toLowerCase()}`,
    handler,
  ])
}

async function single({ main, named }: CodeFile, report: Tell): Promise<Handler | undefined> {
  if (isHandler(main)) return main
  if (isDeclared(main)) return declared(main, report)
  const names = Object.keys(named)
  if (isClass(main)) report('exports a class', `An action is a function: ${signature}.`)
  else if (main === undefined && names.length === 0)
    report('exports nothing', `Write ${signature}.`)
  else report(`exports no function as default, but ${kindOf(main, names)}`, `Write ${signature}.`)
  return undefined
}

async function several({ main, named }: CodeFile, report: Tell): Promise<[string, Handler][]> {
  const fix = 'Export functions by name: `export const find = (req, res) => …`.'
  if (typeof main === 'function') {
    report(`exports ${isClass(main) ? 'a class' : 'one function'}, not several by name`, fix)
    return []
  }
  const controller = isPlain(main) ? main : undefined
  const methods = Object.entries({ ...named, ...controller }).filter(isMeant)
  if (methods.length === 0) report('exports no action', fix)
  const handlers: [string, Handler][] = []
  for (const [name, value] of methods) {
    // A method may call its neighbours through `this`.
    if (isHandler(value)) handlers.push([name, controller ? value.bind(controller) : value])
    else if (isDeclared(value)) handlers.push([name, await declared(value, report)])
    else report(`exports '${name}', which is ${kindOf(value, [])}`, fix)
  }
  return handlers
}

/** Sails leaves texts and `_config` of a controller alone. */
function isMeant([name, value]: [string, unknown]): boolean {
  return typeof value !== 'string' && !name.startsWith('_')
}

/** Sails' actions with declared inputs cost nothing where an app has none. */
async function declared(value: Record<string, unknown>, report: Tell): Promise<Handler> {
  const { machineHandler } = await import('./machine.ts')
  return machineHandler(value, report)
}

function isDeclared(value: unknown): value is Record<string, unknown> {
  return isPlain(value) && typeof value['fn'] === 'function'
}

function kindOf(main: unknown, names: readonly string[]): string {
  if (main === undefined && names.length > 0) return names.map((name) => `'${name}'`).join(', ')
  if (isClass(main)) return 'a class'
  return isPlain(main) ? 'an object' : `a ${main === null ? 'null' : typeof main}`
}

/** The name a one-file action would have: `changePassword` becomes `change-password`. */
export function kebab(name: string): string {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').replaceAll(/[_.\s]+/g, '-')
  return words.toLowerCase()
}
