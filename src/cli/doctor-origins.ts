/**
 * What `catamaran doctor` says of the origins whose pages may connect sockets or read answers. One that
 * no page can have is an error of the configuration already.
 */
import type { Config } from '../config/schema.ts'
import { type Finding, findingsOf } from './doctor-finding.ts'

const origins = findingsOf('origins')

/** Checks both lists, and what stands in place of them. */
export async function checkOrigins({
  environment,
  sockets,
  security,
}: Config): Promise<readonly Finding[]> {
  const { allowOrigins, allRoutes } = security.cors
  const found: Finding[] = []
  if (sockets.beforeConnect === false) {
    const what = 'sockets.beforeConnect is false: pages of every site may connect'
    found.push(origins.warning(what, 'List those that may in sockets.origins'))
  }
  if (allowOrigins === '*' && allRoutes) {
    const what = "security.cors.allowOrigins is '*' for all routes: every page may read answers"
    found.push(origins.warning(what, 'List those that may, or set cors beside single routes'))
  }
  const lists = {
    'sockets.origins': sockets.origins ?? [],
    'security.cors.allowOrigins': allowOrigins === '*' ? [] : allowOrigins,
  }
  if (environment === 'production') {
    for (const [path, list] of Object.entries(lists)) {
      for (const origin of list) found.push(...judge(origin, path))
    }
  }
  const count = Object.values(lists).flat().length
  const others =
    count === 0 ? 'no other origin' : `${count} other ${count === 1 ? 'origin' : 'origins'}`
  return found.length > 0 ? found : [origins.ok(`${others} may connect or read answers`)]
}

function judge(origin: string, path: string): Finding[] {
  const fix = `Take it out of ${path}, in production at least`
  if (/^https?:\/\/(localhost|127\.|\[::1\])/.test(origin)) {
    return [origins.warning(`${path} names ${origin}: a page on a visitor's own machine`, fix)]
  }
  if (!origin.startsWith('http:')) return []
  const what = `${path} names ${origin}: whoever is on the way can change that page`
  return [origins.warning(what, `Serve it over TLS, and write https:// in ${path}`)]
}
