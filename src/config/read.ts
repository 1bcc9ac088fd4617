/**
 * Reads config files of every kind through cosmiconfig, with our own loaders.
 * What is meant by a file's exports: unpack.ts. What a broken file tells its author: explain.ts.
 */
import { realpath, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { cosmiconfig, defaultLoaders, type Loader } from 'cosmiconfig'
import { extensions } from './find.ts'

/** What a file holds: a module's exports, or a document under `default`. */
export type Content = Readonly<Record<string, unknown>>

/** Reads one file; rejects with whatever reading or running it threw. */
export type Reader = (path: string) => Promise<Content>

/** Creates a reader. It keeps nothing: a changed file is read again. */
export function createReader(): Reader {
  const loaders: Record<string, Loader> = { noExt: loadText }
  for (const extension of extensions) {
    loaders[extension] = /[mc]?[tj]s$/.test(extension) ? loadModule : loadText
  }
  const explorer = cosmiconfig('catamaran', { loaders, cache: false, searchPlaces: [] })
  return async (path) => {
    const found = await explorer.load(path)
    return isContent(found?.config) ? found.config : {}
  }
}

const require = createRequire(import.meta.url)

/** `import()` remembers addresses and `require` remembers files: the one is varied, the other cleared. */
const loadModule: Loader = async (path) => {
  const [{ mtimeMs }, real] = await Promise.all([stat(path), realpath(path)])
  delete require.cache[real]
  try {
    return await import(`${pathToFileURL(path).href}?changed=${mtimeMs}`)
  } catch (error) {
    // cosmiconfig writes a property on what it catches, which a thrown text cannot take.
    throw typeof error === 'object' ? error : new Error(String(error))
  }
}

/** JSON, or YAML, whatever the name says; files without an extension may be either. */
const loadText: Loader = (path, text) => {
  const isJson = path.endsWith('.json') || (/rc$/.test(path) && text.trimStart().startsWith('{'))
  return { default: isJson ? JSON.parse(text) : defaultLoaders['.yaml'](path, text) }
}

function isContent(value: unknown): value is Content {
  return typeof value === 'object' && value !== null
}
