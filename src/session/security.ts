/**
 * Whether a request came over TLS, where an option says whom to believe; by express-session's rules.
 */
import type { IncomingMessage } from 'node:http'

/** Makes the test whether a request came over TLS, as far as `proxy` lets others say so. */
export function createSecurity(proxy: boolean | undefined) {
  return (request: object): boolean => {
    const { socket, headers, secure } = request as IncomingMessage & { secure?: boolean }
    if (socket && Reflect.get(socket, 'encrypted')) return true
    if (proxy === false) return false
    if (proxy !== true) return secure === true
    const [first = ''] = String(headers['x-forwarded-proto'] ?? '').split(',')
    return first.trim().toLowerCase() === 'https'
  }
}
