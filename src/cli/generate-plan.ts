/**
 * Plans and writes the files of `catamaran generate`: all names are checked before the first file is
 * written, and what is there stays unless somebody insists.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { CatamaranError } from '../errors.ts'
import type { Kind, Next } from './generate-kinds.ts'
import { packageFolder } from './home.ts'
import { inForm, type ModuleForm, namesIn } from './module-form.ts'
import { reason } from './reason.ts'

/** One file to be written. */
export interface Plan {
  /** From the app's folder, with slashes. */
  readonly file: string
  readonly text: string
  readonly next: Next
}

interface Wanted {
  readonly root: string
  /** The kind's name. */
  readonly word: string
  readonly kind: Kind
  readonly form: ModuleForm
  /** Whether a file of exactly this name is written anew. */
  readonly force: boolean
}

/**
 * Plans the files of some names.
 *
 * @throws {CatamaranError} `E_GENERATE_NAME`, `E_GENERATE_EXISTS`, `E_GENERATE_TWIN`
 */
export function planFiles(names: readonly string[], wanted: Wanted): Plan[] {
  const { root, word, kind, form } = wanted
  const template = inForm(
    readFileSync(join(packageFolder(), 'templates', `${word}.ts`), 'utf8'),
    form,
  )
  const there = namesIn(join(root, kind.folder)).map((name) => name.replaceAll(sep, '/'))
  return names.map((written, index) => {
    const path = kind.pathOf(written)
    const fault = kind.faultOf(path)
    if (fault) throw new CatamaranError('E_GENERATE_NAME', [written, word, fault])
    const file = path + kind.suffix + form.ending
    const before = names.slice(0, index).map((name) => `${kind.pathOf(name)}${kind.suffix}.ts`)
    assertAlone(file, path, { ...wanted, there: [...there, ...before] })
    const values = kind.valuesOf(path)
    const text = template.replaceAll(/\$([a-z]+)/g, (all, key: string) => values[key] ?? all)
    return { file: `${kind.folder}/${file}`, text, next: kind.nextOf(path) }
  })
}

function assertAlone(
  file: string,
  path: string,
  { root, kind, force, there }: Wanted & { readonly there: readonly string[] },
): void {
  const identity = kind.identityOf(path)
  const textOf = (other: string) => readFileSync(join(root, kind.folder, other), 'utf8')
  const twins = there.filter((other) => {
    const [, name, suffix] = /^([^.]*)(.*)\.[cm]?[jt]s$/.exec(other) ?? []
    if (name === undefined || suffix !== kind.suffix) return false
    return kind.identityOf(name) === identity || kind.holds?.(path, name, () => textOf(other))
  })
  const twin = twins.find((other) => other !== file)
  const [mine, other] = [`${kind.folder}/${file}`, `${kind.folder}/${twin}`]
  if (twin) throw new CatamaranError('E_GENERATE_TWIN', [mine, other])
  if (twins.length > 0 && !force) throw new CatamaranError('E_GENERATE_EXISTS', [mine])
}

/**
 * Writes one planned file, and the folders it needs.
 *
 * @throws {CatamaranError} `E_GENERATE_EXISTS`, `E_GENERATE_WRITE`
 */
export function writePlan({ file, text }: Plan, root: string, force: boolean): void {
  const path = join(root, file)
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { flag: force ? 'w' : 'wx' })
  } catch (cause) {
    const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    if (isThere) throw new CatamaranError('E_GENERATE_EXISTS', [file], { cause })
    throw new CatamaranError('E_GENERATE_WRITE', [file, reason(cause)], { cause })
  }
}
