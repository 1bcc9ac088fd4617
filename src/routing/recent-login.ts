/**
 * The built-in policy `recent-login`: lets those pass who have logged in not long ago, for what must not be
 * done by whoever finds an open session. By what the session has kept: `req.session.authenticatedAt`.
 */
import { CatamaranError } from '../errors.ts'
import { loginAge } from '../session/app-session.ts'
import type { Handler } from './handler.ts'

/** **Seconds** a login counts as recent where a policy names none. */
const usual = 600

/**
 * Makes a policy that wants a login not longer ago than so many **seconds**. It refuses with
 * `E_UNAUTHORIZED` (401) who has not logged in, with `E_LOGIN_OLD` (403) whose login is older.
 */
export function recentLogin(seconds: number = usual): Handler {
  return (req, _res, next) => {
    const age = req.session?.[loginAge]
    if (age === undefined) next(new CatamaranError('E_UNAUTHORIZED'))
    else if (age <= seconds) next()
    else next(new CatamaranError('E_LOGIN_OLD', [String(seconds)]))
  }
}

/** Policies that are there without a file; a file of an app's own with such a name counts instead. */
export const builtInPolicies: ReadonlyMap<string, Handler> = new Map([
  ['recent-login', recentLogin()],
])
