/**
 * Cookies of the app: one cookie-parser instance for both doors. It works when `req.cookies` or
 * `req.signedCookies` is first read: most requests never ask, and signatures are dear to check.
 */
import type { IncomingMessage } from 'node:http'
import cookieParser from 'cookie-parser'

/** Gives a request, or all requests by their prototype, `cookies`, `signedCookies` and `secret`. */
export type AttachCookies = (request: object) => void

/** @param secrets - the first signs (`res.cookie` with `signed`), all verify */
export function createCookies(secrets: readonly string[]): AttachCookies {
  const parse = cookieParser([...secrets])

  function read(request: IncomingMessage, name: 'cookies' | 'signedCookies'): unknown {
    for (const field of ['cookies', 'signedCookies']) put(request, field, undefined)
    parse(request as never, {} as never, () => {})
    return Reflect.get(request, name)
  }

  const lazy = {
    cookies: accessor('cookies', read),
    signedCookies: accessor('signedCookies', read),
  }
  return (request) => {
    Object.defineProperties(request, lazy)
    Reflect.set(request, 'secret', secrets[0])
  }
}

function accessor<Name extends 'cookies' | 'signedCookies'>(
  name: Name,
  read: (request: IncomingMessage, name: Name) => unknown,
): PropertyDescriptor {
  return {
    configurable: true,
    enumerable: true,
    get(this: IncomingMessage) {
      return read(this, name)
    },
    set(this: IncomingMessage, value: unknown) {
      put(this, name, value)
    },
  }
}

function put(request: IncomingMessage, name: string, value: unknown): void {
  Object.defineProperty(request, name, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  })
}
