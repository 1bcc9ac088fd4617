// Imported before an app: tells the test, when asked, the address of everything loaded since, and by
// whom each was asked for.
import { registerHooks } from 'node:module'

const askers = new Map()
const loaded = []
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    const all = askers.get(found.url) ?? []
    askers.set(found.url, [...all, context.parentURL ?? ''])
    return found
  },
  load(url, context, next) {
    loaded.push(url)
    return next(url, context)
  },
})
process.on('message', () => {
  process.send(loaded.map((url) => ({ url, askers: askers.get(url) ?? [] })))
})
