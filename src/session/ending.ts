/**
 * How a session ends, whoever ends it: its record goes, nothing is stored under its id again, and its
 * sockets are told.
 */
import type { Ask } from './budget.ts'
import type { SessionSettings } from './settings.ts'
import type { InTurn } from './turns.ts'
import type { EndReason, Visit } from './visit.ts'

export interface Endings {
  /** Ends the session of a visit because this visit wants it. */
  remove(visit: Visit, reason: 'destroyed' | 'regenerated'): Promise<void>
  /** Somebody else has ended it meanwhile, on this node or another. */
  gone(visit: Visit, reason: 'destroyed' | 'expired'): void
  /** A new record was stored under this id; an app's own ids may come again. */
  started(id: string): void
  /** Whether this process has seen it end, not long ago; for requests that were under way then. */
  hasEnded(id: string): boolean
  /** The answer has left: tells the sockets of an id that it has replaced. */
  answered(visit: Visit): void
}

interface Tools {
  readonly ask: Ask
  readonly inTurn: InTurn
}

/** Ended ids that are remembered; forgetting one costs a browser a cookie it can't use. */
const mostRemembered = 10_000

export function createEndings(
  { store, report, express }: SessionSettings,
  { ask, inTurn }: Tools,
): Endings {
  const ended = new Set<string>()

  async function remove(visit: Visit, reason: 'destroyed' | 'regenerated'): Promise<void> {
    const { identity, owner } = visit
    // At once, so that nothing under way creates it again; the record goes after what is being stored.
    identity.ended = true
    try {
      await inTurn(identity.id, async () => {
        if (identity.stored || express?.isPlain())
          await ask(visit, () => store.destroy(identity.id))
      })
    } catch (error) {
      identity.ended = false
      throw error
    }
    remember(identity.id)
    visit.clearCookie = true
    if (reason === 'regenerated') visit.left ??= identity.id
    else tell(identity.id, { reason, owner })
  }

  function gone({ identity }: Visit, reason: 'destroyed' | 'expired'): void {
    identity.ended = true
    remember(identity.id)
    tell(identity.id, { reason })
  }

  function remember(id: string): void {
    if (ended.size >= mostRemembered) ended.clear()
    ended.add(id)
  }

  function answered({ left, sentId, identity, owner }: Visit): void {
    if (left !== undefined) tell(left, { reason: 'regenerated' })
    else if (sentId !== undefined && sentId !== identity.id && identity.stored && !owner) {
      tell(sentId, { reason: 'replaced' })
    }
  }

  function tell(id: string, { reason, owner }: { reason: EndReason; owner?: object | undefined }) {
    report.ended({ id, reason, reconnect: reason !== 'destroyed', owner })
  }

  return {
    remove,
    gone,
    started: (id) => void ended.delete(id),
    hasEnded: (id) => ended.has(id),
    answered,
  }
}
