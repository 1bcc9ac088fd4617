/**
 * What the drop-in reads off a request, by express-session's rules: whether the cookie's path covers it, and
 * which session ids it brings.
 */
import type { IncomingMessage } from 'node:http'
import type { SignedId, Signer } from './cookie.ts'
import type { CookieOptions } from './dropin-options.ts'

/** With what Express, cookie-parser and this drop-in put on it. */
export type DropInRequest = IncomingMessage & {
  secure?: boolean
  secret?: string
  originalUrl?: string
  cookies?: Record<string, unknown>
  signedCookies?: Record<string, unknown>
  session?: object | null
  sessionStore?: object
}

/** Resolves `auto`, once for each new session. */
export function attributesFor(cookie: CookieOptions, isSecure: () => boolean): CookieOptions {
  const { secure, sameSite } = cookie
  if (secure !== 'auto' && sameSite !== 'auto') return cookie
  const over = isSecure()
  const resolved = {
    ...(secure === 'auto' && { secure: over }),
    ...(sameSite === 'auto' && { sameSite: over ? 'none' : 'lax' }),
  }
  // A copy would lack what they inherit.
  return Object.create(cookie, Object.getOwnPropertyDescriptors(resolved)) as CookieOptions
}

/** Whether the address, as it was before any mounting, lies under the cookie's path. */
export function isUnder(path: string, { originalUrl, url = '' }: DropInRequest): boolean {
  const address = typeof originalUrl === 'string' ? originalUrl : url
  return address === '' ? path === '/' : pathOf(address).startsWith(path)
}

/** With the query, if there is one: only the beginning is looked at. */
function pathOf(address: string): string {
  if (address.startsWith('/') || !URL.canParse(address)) return address
  return new URL(address).pathname
}

/**
 * Gives the properly signed ids, those of the header first. Where it has none, what cookie-parser has
 * read counts, as it does in express-session.
 */
export function createIds(name: string, deprecate: (message: string) => void) {
  return (request: DropInRequest, signer: Signer): readonly SignedId[] => {
    const signed = signer.idsIn(request.headers.cookie)
    if (signed.length > 0) return signed
    const { signedCookies, cookies } = request
    const verified = signedCookies?.[name]
    const found =
      typeof verified === 'string' && verified
        ? [{ id: verified, stale: false }]
        : idsIn(cookies?.[name], signer)
    if (found.length > 0) deprecate('cookie should be available in req.headers.cookie')
    return found
  }

  function idsIn(value: unknown, signer: Signer): readonly SignedId[] {
    return typeof value === 'string' ? signer.idsIn(`${name}=${encodeURIComponent(value)}`) : []
  }
}
