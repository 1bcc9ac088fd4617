/**
 * What browsers make of a cookie's name and attributes: a combination they drop without a word would let
 * nobody log in, so it is a mistake in the configuration.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis for each rule
 */
import type { CookieConfig } from './cookie.ts'

/** One reason why browsers would drop the cookie, and where to mend it. */
export interface CookieFault {
  /** Below `session`. */
  readonly path: readonly string[]
  readonly advice: string
}

interface Named {
  readonly key: string
  readonly cookie: CookieConfig
}

interface Rule extends CookieFault {
  breaks(named: Named): boolean
}

/** `auto` counts as off: over plain http the cookie would go without it. */
const isInsecure = ({ cookie }: Named) => cookie.secure !== true

const rules: readonly Rule[] = [
  {
    path: ['key'],
    advice:
      "begins with __Host-, so browsers want cookie: { secure: true, path: '/' } and no domain",
    breaks: (named) => {
      const { path, domain } = named.cookie
      const isLoose = isInsecure(named) || path !== '/' || domain !== undefined
      return /^__host-/i.test(named.key) && isLoose
    },
  },
  {
    path: ['key'],
    advice: 'begins with __Secure-, so browsers want cookie: { secure: true }',
    breaks: (named) => /^__secure-/i.test(named.key) && isInsecure(named),
  },
  {
    path: ['key'],
    advice:
      'begins as only cookies may that scripts can’t read: leave cookie.httpOnly on, and secure: true',
    breaks: (named) =>
      /^__(host-)?http-/i.test(named.key) && (isInsecure(named) || !named.cookie.httpOnly),
  },
  {
    path: ['cookie', 'sameSite'],
    advice: "browsers want cookie: { secure: true } with it; 'auto' is lax over plain http",
    breaks: (named) => named.cookie.sameSite === 'none' && isInsecure(named),
  },
  {
    path: ['cookie', 'partitioned'],
    advice: 'browsers want cookie: { secure: true } with it',
    breaks: (named) => named.cookie.partitioned === true && isInsecure(named),
  },
]

/** Everything for which browsers would drop this cookie. */
export function cookieFaults(named: Named): readonly CookieFault[] {
  return rules.filter((rule) => rule.breaks(named))
}
