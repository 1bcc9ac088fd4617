/**
 * What `catamaran doctor` says of the app's own files: actions, policies, responses and routes. They are
 * loaded as by a start, and nothing is opened.
 */
import type { LoadOptions } from '../config/load.ts'
import { type Finding, findingsOf } from './doctor-finding.ts'
import { failureWords } from './failure.ts'

/** Makes the app, and tells what kept it from being made. */
export async function checkFiles(root: string, options: LoadOptions): Promise<Finding[]> {
  const files = findingsOf('files')
  const { createApp } = await import('../app.ts')
  try {
    const app = await createApp(root, options)
    await app.lower()
    const { routes } = app.router
    const { hiddenFix, hiddenRoutes } = await import('../http/middleware.ts')
    const hidden = hiddenRoutes(app.config, routes)
    if (hidden.length > 0) return hidden.map((what) => files.warning(what, capital(hiddenFix)))
    return [files.ok(`${routes.length} routes, each with what answers it`)]
  } catch (thrown) {
    const { message, hint = 'Mend what it says' } = failureWords(thrown)
    return [files.error(message, hint)]
  }
}

function capital(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}
