/**
 * Lets an app see and count what happens to its sessions: each event goes to the diagnostics channel
 * `catamaran:session`, beside what the log says of it. Ids stand there as a short hash.
 */
import { createHash, diagnosticsChannel } from '../builtin.ts'
import type { SessionReport } from './settings.ts'
import type { EndReason } from './visit.ts'

/** What a subscriber of `catamaran:session` is handed. */
export interface SessionEvent {
  readonly event: 'merged' | 'dropped' | 'unreadable' | 'ended'
  /** The session's id as a short hash, as it stands in the log. */
  readonly session: string
  /** Of `merged`: the paths both sides had changed. */
  readonly paths?: readonly string[]
  /** Of `ended`. */
  readonly reason?: EndReason
}

const channel = diagnosticsChannel.channel('catamaran:session')

/** How an id is named where people can read it. */
export function shortHash(id: string): string {
  return createHash('sha256').update(id).digest('base64url').slice(0, 8)
}

/** A report that publishes, too. */
export function published(report: SessionReport): SessionReport {
  return {
    ended(ending) {
      publish('ended', ending.id, { reason: ending.reason })
      report.ended(ending)
    },
    replaced: (...replacement) => report.replaced?.(...replacement),
    moved: (...move) => report.moved?.(...move),
    changed: (...change) => report.changed?.(...change),
    merged(id, paths) {
      publish('merged', id, { paths })
      report.merged(id, paths)
    },
    dropped(id) {
      publish('dropped', id)
      report.dropped(id)
    },
    unreadable(id) {
      publish('unreadable', id)
      report.unreadable(id)
    },
    warn: (message) => report.warn(message),
  }
}

/** Costs nothing while nobody listens. */
function publish(event: SessionEvent['event'], id: string, more: Partial<SessionEvent> = {}): void {
  if (!channel.hasSubscribers) return
  channel.publish({ event, session: shortHash(id), ...more } satisfies SessionEvent)
}
