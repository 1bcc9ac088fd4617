/**
 * What `catamaran doctor` says of the session cookie and of the proxies the app believes.
 * What browsers would drop is an error of the configuration already: config/cookie-rules.ts.
 */
import type { Config } from '../config/schema.ts'
import { type Finding, findingsOf } from './doctor-finding.ts'

const cookie = findingsOf('cookie')
const trust =
  'Where TLS ends at a proxy, say how many there are: http: { trustProxy: 1 }; without one, set ssl'

/** Whether the app can know that a request came over TLS. */
function seesTls({ ssl, http, session }: Config): boolean {
  return ssl !== undefined || (session.proxy ?? http.trustProxy !== false)
}

/** Checks the flags against proxies and environment. */
export async function checkCookie(config: Config): Promise<Finding[]> {
  const { environment, security, session } = config
  const { secure, httpOnly, sameSite } = session.cookie
  const found: Finding[] = []
  if (secure === true && !seesTls(config)) {
    const what =
      'cookie.secure is on, but the app sees plain HTTP only: it is never set, nobody can log in'
    found.push(cookie.error(what, trust))
  }
  if (secure === 'auto' && environment === 'production' && !seesTls(config)) {
    const what = "cookie.secure is 'auto', and the app sees plain HTTP only: it counts as off"
    found.push(cookie.warning(what, trust))
  }
  if (!httpOnly) {
    const what = 'cookie.httpOnly is off: any script in a page can read the session'
    found.push(cookie.warning(what, 'Take httpOnly out of session.cookie'))
  }
  if ((sameSite === false || sameSite === 'none') && security.csrf === false) {
    const what = 'other sites can act for a visitor: neither sameSite nor csrf keeps them out'
    found.push(cookie.warning(what, 'Take csrf: false out of config/security'))
  }
  const { path, domain = 'this host only' } = session.cookie
  const flags = `${session.key}: secure ${secure}, sameSite ${sameSite}, path ${path}, ${domain}`
  return found.length > 0 ? found : [cookie.ok(flags)]
}

/** Checks whose word the app takes for who a client is. */
export async function checkProxy({ http, ssl }: Config): Promise<Finding[]> {
  const proxy = findingsOf('proxy')
  if (http.trustProxy !== true) {
    const at = ssl === undefined ? 'TLS ends before the app, if anywhere' : 'the app speaks TLS'
    return [proxy.ok(`trustProxy is ${wordOf(http.trustProxy)}; ${at}`)]
  }
  const what = 'trustProxy is true: whatever a client says of its address and of TLS is believed'
  return [proxy.warning(what, 'Say how many proxies there are (trustProxy: 1), or name them')]
}

function wordOf(trusted: Config['http']['trustProxy']): string {
  return typeof trusted === 'function' ? 'a function' : String(trusted)
}
