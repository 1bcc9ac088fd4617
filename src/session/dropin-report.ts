/**
 * What the drop-in tells of sessions: lines on the console, each kind at most once a minute, ids only as a
 * short hash. It has no sockets to tell of endings.
 */
import { shortHash } from './published.ts'
import type { SessionReport } from './settings.ts'

/** **Milliseconds** between two lines of one kind. */
const pause = 60_000

export interface DropInReport extends SessionReport {
  /** A value that JSON drops or changes; told once for each path. */
  lossy(error: unknown): void
}

/** @param say - `console.warn` unless a test looks */
export function createDropInReport(
  say: (line: string) => void = (line) => console.warn(line),
): DropInReport {
  const told = new Map<string, number>()
  const paths = new Set<string>()

  function tell(kind: string, line: string): void {
    const now = performance.now()
    if (now - (told.get(kind) ?? Number.NEGATIVE_INFINITY) < pause) return
    told.set(kind, now)
    say(`catamaran session: ${line}`)
  }

  return {
    ended() {},
    merged() {},
    dropped: (id) =>
      tell('dropped', `session ${shortHash(id)} has ended; a late request's changes were dropped`),
    unreadable: (id) =>
      tell('unreadable', `session ${shortHash(id)} can't be read; its visitor starts anew`),
    warn: (message) => tell(message, message),
    lossy(error) {
      const line = error instanceof Error ? error.message : String(error)
      if (paths.has(line) || paths.size >= 1_000) return
      paths.add(line)
      say(`catamaran session: ${line}`)
    },
  }
}
