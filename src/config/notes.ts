/**
 * Warnings of a configuration that is right and still worth a word in the log.
 */
import { middlewareNotes } from './http.ts'
import type { Merged } from './layers.ts'
import type { Checked } from './schema.ts'
import { madeUp, weaknessOf } from './secret.ts'

/** One warning. */
export interface Note {
  readonly subject: 'config' | 'secret' | 'cookie'
  readonly what: string
  /** What to do, where `what` does not say it. */
  readonly fix?: string
}

/** A warning about a key or file that `words` name. */
export function plainNote(words: string): Note {
  return { subject: 'config', what: words }
}

/** The warning in one line, for the log. */
export function noteText({ what, fix }: Note): string {
  return fix === undefined ? what : `${what}; ${fix}`
}

/** Gives what the log should say about a checked configuration, given the merged values it was read from. */
export function notesOf(config: Checked, merged: Merged): Note[] {
  return [
    ...secretNotes(config, merged),
    ...cookieNotes(config),
    ...middlewareNotes(config.http, merged.values['http']).map(plainNote),
    ...placeNotes(config).map(plainNote),
  ]
}

/** A Redis that nobody goes to is most likely one that somebody should. */
function placeNotes({ session, sockets }: Checked): string[] {
  const named = (['url', 'cluster', 'host', 'port'] as const).find((key) => sockets[key])
  if (named === undefined || (sockets.adapter ?? session.adapter) === 'redis') return []
  return [`sockets.${named} has no effect: only sockets.adapter: 'redis' connects there`]
}

function secretNotes({ environment, session }: Checked, { sources }: Merged): Note[] {
  const fix = 'put what `catamaran secret` prints into SESSION_SECRET'
  if (sources.get('session.secret') === madeUp) {
    const what = 'session.secret is missing: one was made up, sessions end at a restart'
    return [{ subject: 'secret', what, fix }]
  }
  const weakness = weaknessOf(session.secret)
  if (!weakness || environment === 'production') return []
  return [{ subject: 'secret', what: `session.secret ${weakness}, production refuses it`, fix }]
}

function cookieNotes({ environment, session: { cookie } }: Checked): Note[] {
  const notes: Note[] = []
  const { maxAge, secure } = cookie
  if (secure === false && environment === 'production') {
    const what = 'session.cookie.secure is off: the cookie also travels over plain HTTP'
    notes.push({ subject: 'cookie', what, fix: 'set it behind TLS' })
  }
  // Who means milliseconds writes whole seconds; 3600 was meant to be an hour.
  if (maxAge && maxAge % 1000 !== 0) {
    const what = `session.cookie.maxAge is ${maxAge} ms, ${maxAge / 1000} seconds`
    const fix = 'it counts milliseconds: an hour is 60 * 60 * 1000; ttl counts seconds'
    notes.push({ subject: 'cookie', what, fix })
  }
  return notes
}
