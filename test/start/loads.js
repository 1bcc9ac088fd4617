// Imported before an app: tells the test, when asked, the address of everything loaded since.
import { registerHooks } from 'node:module'

const loaded = []
registerHooks({
  load(url, context, next) {
    loaded.push(url)
    return next(url, context)
  },
})
process.on('message', () => process.send(loaded))
