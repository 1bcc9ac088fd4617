// What tests use of express-session. Its public types declare `req.session` for Express themselves, so they
// can't be used beside our own.
declare module 'express-session' {
  import type { EventEmitter } from 'node:events'

  interface CookieData {
    originalMaxAge: number | null
    expires: Date | null | false
    [attribute: string]: unknown
  }

  class Cookie {
    constructor(options?: object)
    path: string
    httpOnly: boolean
    secure?: boolean | 'auto'
    sameSite?: boolean | string
    domain?: string
    /** **Milliseconds** left; assigning moves `expires`. */
    maxAge: number | null
    originalMaxAge: number | null
    expires: Date | null | false
    _expires: Date | null | false
    readonly data: CookieData
    serialize(name: string, value: string): string
  }

  class Session {
    constructor(req: object, data?: object)
    get id(): string
    get req(): object
    cookie: Cookie
  }

  class Store extends EventEmitter {}

  const session: { Cookie: typeof Cookie; Session: typeof Session; Store: typeof Store }

  export { Cookie, Session, Store, session as default }
}
