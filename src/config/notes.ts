/**
 * Warnings of a configuration that is right and still worth a word in the log.
 */
import { middlewareNotes } from './http.ts'
import type { Merged } from './layers.ts'
import type { Checked } from './schema.ts'
import { madeUp, weaknessOf } from './secret.ts'

/** Gives what the log should say about a checked configuration, given the merged values it was read from. */
export function notesOf(config: Checked, merged: Merged): string[] {
  return [
    ...secretNotes(config, merged),
    ...cookieNotes(config),
    ...middlewareNotes(config.http, merged.values['http']),
  ]
}

function secretNotes({ session }: Checked, { sources }: Merged): string[] {
  const advice = 'put what `catamaran secret` prints into SESSION_SECRET'
  if (sources.get('session.secret') === madeUp) {
    return [`session.secret is missing: one was made up, sessions end at a restart; ${advice}`]
  }
  const weakness = weaknessOf(session.secret)
  return weakness ? [`session.secret ${weakness}, production refuses it: ${advice}`] : []
}

function cookieNotes({ environment, session: { cookie } }: Checked): string[] {
  if (cookie.secure !== false) return []
  if (cookie.sameSite === 'none') {
    return ["session.cookie.sameSite is 'none' without secure: true, browsers will drop the cookie"]
  }
  return environment === 'production'
    ? ['session.cookie.secure is off: the cookie also travels over plain HTTP; set it behind TLS']
    : []
}
