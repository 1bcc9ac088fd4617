/**
 * What `catamaran generate` can write: for each kind where it goes, what else is the same to the loader of
 * that folder, and what to write next. Touches no file.
 */
import { identityOf, kebab } from '../routing/controllers.ts'
import { faultOf, methodOf } from '../routing/own-responses.ts'

/** The step after writing: a line for a file of the configuration, or a thing to do. */
export interface Next {
  readonly where: string
  readonly line: string
}

export interface Kind {
  readonly folder: string
  /** What stands between the name and the ending of the module. */
  readonly suffix: string
  /** The path in the folder, without ending, for a name as it was given. */
  pathOf(written: string): string
  /** Why no file of this path can be loaded; `undefined` where one can. */
  faultOf(path: string): string | undefined
  /** Two paths of one identity are the same to the loader; `undefined` is a file of another kind. */
  identityOf(path: string): string | undefined
  /** Whether another file, by what is written in it, is the same to the loader as the one at `path`. */
  holds?(path: string, other: string, read: () => string): boolean
  /** What the template leaves open. */
  valuesOf(path: string): Readonly<Record<string, string>>
  nextOf(path: string): Next
}

const whole = (written: string): string => written

const dashes = /^[a-z][a-z0-9-]*(\/[a-z][a-z0-9-]*)*$/
const words = /^[a-z][\w-]*(\/[a-z][\w-]*)*$/i

const fault = (path: string, pattern: RegExp): string | undefined =>
  pattern.test(path) ? undefined : 'no file of that name is loaded'

/** A controller is not run to see what it has: it may open what keeps this process alive. */
function exported(name: string): RegExp {
  const forms = [
    String.raw`\bexport\s+(async\s+)?(function\*?|const|let|var)\s+${name}\b`,
    String.raw`\bexport\s*\{[^}]*\b${name}\b`,
    String.raw`\bexports\.${name}\s*=`,
    String.raw`^\s*(async\s+)?['"]?${name}['"]?\s*(:|,|\([^)]*\)\s*\{)`,
  ]
  return new RegExp(forms.join('|'), 'im')
}

const action: Kind = {
  folder: 'api/controllers',
  suffix: '',
  pathOf: (written) =>
    written
      .replace(/Controller(?=[./])/, '')
      .split(/[./]/)
      .map(kebab)
      .join('/'),
  faultOf: (path) => fault(path, dashes),
  identityOf: (path) => path.toLowerCase(),
  holds(path, other, read) {
    const [, folder, method] = /^(.+)\/(.+)$/.exec(path) ?? []
    const isAbove = other.endsWith('Controller') && identityOf(other) === folder
    return isAbove && exported(`${method}`).test(read())
  },
  valuesOf: (path) => ({ name: path, address: `/${path}` }),
  nextOf: (path) => ({ where: 'config/routes', line: `'GET /${path}': '${path}',` }),
}

const controller: Kind = {
  ...action,
  pathOf(written) {
    const folders = written.split(/[./]/).map(kebab)
    const base = (folders.pop() ?? '').replace(/-?controller$/, '')
    const pascal = base.replaceAll(/(?:^|-+)(\w)/g, (_all, letter: string) => letter.toUpperCase())
    return [...folders, `${pascal}Controller`].join('/')
  },
  faultOf: (path) => fault(path, /^([a-z][a-z0-9-]*\/)*[A-Z]\w*Controller$/),
  holds: () => false,
  // The template has one action, find.
  identityOf: (path) =>
    path.endsWith('Controller') ? `${identityOf(path)}/find` : path.toLowerCase(),
  valuesOf: (path) => action.valuesOf(identityOf(path)),
  nextOf(path) {
    const name = identityOf(path)
    return { where: 'config/routes', line: `'GET /${name}': '${name}/find',` }
  },
}

const policy: Kind = {
  folder: 'api/policies',
  suffix: '',
  pathOf: whole,
  faultOf: (path) => fault(path, words),
  identityOf: (path) => path.toLowerCase(),
  valuesOf: () => ({}),
  nextOf: (path) => ({ where: 'config/policies', line: `'the/action': '${path}',` }),
}

const response: Kind = {
  folder: 'api/responses',
  suffix: '',
  pathOf: whole,
  faultOf: (path) => faultOf(methodOf(path))?.[0],
  identityOf: methodOf,
  valuesOf(path) {
    const code = kebab(methodOf(path)).replaceAll('-', '_').toUpperCase()
    return { name: methodOf(path), code: `E_${code}` }
  },
  nextOf: (path) => ({ where: 'an action', line: `return res.${methodOf(path)}({ why: '…' })` }),
}

const test: Kind = {
  folder: 'test',
  suffix: '.test',
  pathOf: whole,
  faultOf: (path) => fault(path, words),
  identityOf: (path) => path.toLowerCase(),
  valuesOf: (path) => ({ address: `/${path}` }),
  nextOf: () => ({ where: 'the shell', line: 'npm test' }),
}

/** By the word that asks for it, which is also the name of its template. */
export const kinds: ReadonlyMap<string, Kind> = new Map(
  Object.entries({ action, controller, policy, response, test }),
)
