/**
 * The cookies of a test's browser: kept as a real jar keeps them, and over when the test's clock says so.
 */
import { Cookie, CookieJar } from 'tough-cookie'
import type { Clock } from '../session/store.ts'

export interface Jar {
  /** Takes a `Set-Cookie` line that came from `url`. */
  keep(line: string, url: string): void
  /** What to send to `url` as `Cookie`; an empty text where there is nothing. */
  cookiesFor(url: string): string
}

export function createJar(clock: Clock): Jar {
  const jar = new CookieJar()

  return {
    keep(line, url) {
      const cookie = Cookie.parse(line)
      if (!cookie) return
      // Only an end by the clock: the jar would count a Max-Age by its own.
      if (typeof cookie.maxAge === 'number')
        cookie.expires = new Date(clock() + cookie.maxAge * 1000)
      cookie.maxAge = null
      jar.setCookieSync(cookie, url, { ignoreError: true })
    },
    cookiesFor(url) {
      const cookies = jar.getCookiesSync(url, { expire: false })
      const living = cookies.filter(
        ({ expires }) => !(expires instanceof Date && +expires <= clock()),
      )
      return living.map((cookie) => cookie.cookieString()).join('; ')
    },
  }
}
