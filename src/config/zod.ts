/**
 * zod in its CommonJS form, which is loaded a third faster than its ninety ES modules, and without its sixty
 * languages, a third of what is left: no message of ours needs one. Its types are imported as usual.
 */
import { createRequire } from 'node:module'
import type * as zod from 'zod'

export const z: typeof zod = loadZod()

/** While zod loads, `locales` stands for its languages and loads them if anybody asks for one. */
function loadZod(): typeof zod {
  const require = createRequire(import.meta.url)
  const languages = require.resolve('zod/v4/locales')
  if (require.cache[languages]) return require('zod')
  const locales = new Proxy(
    {},
    {
      get: (_, name) => name === '__esModule' || Reflect.get(require(languages), name),
      has: (_, name) => Reflect.has(require(languages), name),
    },
  )
  require.cache[languages] = { loaded: true, exports: locales, children: [] } as never
  try {
    return require('zod')
  } finally {
    delete require.cache[languages]
  }
}
