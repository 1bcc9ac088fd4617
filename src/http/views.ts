/**
 * Pages by a view engine of the app: `res.view(name, values)`. Loaded when `config/views` names an engine,
 * and for Sails apps, whose pages are rendered by `ejs` where it is installed.
 */
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import type { Express, Response } from 'express'
import type { Config } from '../config/schema.ts'
import type { ViewEngine } from '../config/views.ts'
import { CatamaranError } from '../errors.ts'

/** What a Sails app's pages are written for when `config/views` does not say. */
const sailsEngine = 'ejs'

/** Whether there is an engine for an app's pages: a named one must be there, Sails' own may be. */
export function hasEngine({ views, root }: Config): boolean {
  if (views.engine ?? views.extension) return true
  try {
    createRequire(join(root, 'package.json')).resolve(sailsEngine)
    return true
  } catch {
    return false
  }
}

/**
 * Gives an Express app its view engine and `res.view`.
 *
 * @throws {CatamaranError} `E_VIEW_ENGINE` when the engine's package isn't there, or is none
 */
export function installViews(app: Express, { views, root }: Config): void {
  const { extension, folder } = views
  const engine = views.engine ?? extension ?? sailsEngine
  const ending = extension ?? (typeof engine === 'string' ? engine : 'html')
  const run = typeof engine === 'function' ? engine : load(engine, root)
  app.engine(ending, run as Parameters<Express['engine']>[1])
  app.set('views', resolve(root, folder))
  app.set('view engine', ending)
  // A layout may ask for the token on any page; where one is given out, csrf-tokens.ts sets it.
  app.locals['_csrf'] = ''
  Object.defineProperty(app.response, 'view', { value: view, writable: true, configurable: true })
}

function view(this: Response, name: string, values: object = {}): void {
  this.render(name, { ...values })
}

/** The app's own package: Express would look beside itself. */
function load(name: string, root: string): ViewEngine {
  let found: unknown
  try {
    found = createRequire(join(root, 'package.json'))(name)
  } catch (cause) {
    throw new CatamaranError('E_VIEW_ENGINE', [name, `npm install ${name}`], { cause })
  }
  for (const key of ['__express', 'renderFile']) {
    const run: unknown = Reflect.get(Object(found), key)
    if (typeof run === 'function') return run as ViewEngine
  }
  throw new CatamaranError('E_VIEW_ENGINE', [name, 'give views.engine a function instead'])
}
