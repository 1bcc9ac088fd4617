/**
 * How a session ends, whoever ends it: its record goes, nothing is stored under its id again, and its
 * sockets are told.
 */
import type { Ask } from './budget.ts'
import type { Forebears } from './forebears.ts'
import { keptOf, timeOf } from './kept.ts'
import { heirOf, markerLife, markerText, nobody } from './marker.ts'
import { cookieOf, parseRecord } from './record.ts'
import type { SessionSettings } from './settings.ts'
import type { InTurn } from './turns.ts'
import type { EndReason, Identity, Visit } from './visit.ts'

export interface Endings {
  /** Ends the session of a visit because this visit wants it. */
  remove(visit: Visit, reason: 'destroyed' | 'regenerated'): Promise<void>
  /** Somebody else has ended it meanwhile, on this node or another. */
  gone(visit: Visit, reason: 'destroyed' | 'expired' | 'rotated'): void
  /** An id was rotated away: it is dead, but what is under way under it goes on. */
  moved(identity: Identity, heir?: string): void
  /**
   * A new record was stored under this id; an app's own ids may come again. The sockets that the same browser
   * has opened before are told.
   */
  started(id: string): void
  /** Whether this process has seen it end, not long ago; for requests that were under way then. */
  hasEnded(id: string): boolean
  /** A browser whose cookie named `id` has that of `heir` now: tells the sockets of all it had before. */
  replaced(id: string, reason: 'replaced' | 'rotated', heir: string): void
  /** The answer has left: tells the sockets of an id that it has replaced, and of those before it. */
  answered(visit: Visit): void
}

interface Closed {
  readonly id: string
  reopen(): Promise<unknown>
}

interface Tools {
  readonly ask: Ask
  readonly inTurn: InTurn
  readonly forebears: Forebears
}

/** Ended ids that are remembered; forgetting one costs a browser a cookie it can't use. */
const mostRemembered = 10_000

/** Steps after which an end lets others be faster, and ends what it finds. */
const mostSteps = 20

export function createEndings(
  { store, life, report, express }: SessionSettings,
  { ask, inTurn, forebears }: Tools,
): Endings {
  /** Ended ids; of those that were rotated here, the ids they have moved to. */
  const ended = new Map<string, string | undefined>()

  async function remove(visit: Visit, reason: 'destroyed' | 'regenerated'): Promise<void> {
    const { identity, owner } = visit
    // At once, so that nothing under way creates it again; the record goes after what is being stored.
    identity.ended = true
    try {
      await inTurn(identity.id, async () => {
        if (express?.isPlain()) await destroy(visit, identity.id)
        else if (identity.stored) await end(visit)
      })
    } catch (error) {
      identity.ended = false
      throw error
    }
    remember(identity.id)
    visit.clearCookie = true
    // Over HTTP its sockets are told after the answer, which brings the cookie they come back with.
    if (reason === 'regenerated' && !owner) visit.left ??= { id: identity.id, reason }
    else tell(identity.id, { reason, owner })
  }

  async function end(visit: Visit): Promise<void> {
    const { identity, renewable } = visit
    // A store that is full may refuse to write, but removes.
    const closed = await close(visit).catch(() => undefined)
    // The browser's cookie stays until it fetches another: its handshakes must not bring one meanwhile.
    if (renewable && closed?.id === identity.id) return
    try {
      await destroy(visit, identity.id)
    } catch (error) {
      await closed?.reopen().catch(() => {})
      throw error
    }
  }

  /**
   * Ends the session wherever it was rotated to, by one swap: at that moment it is over under all its ids.
   * Were they removed one after the other, who is under way under one would find it gone while readers of
   * another still saw it.
   *
   * @returns the id it stood under, and what takes it back
   */
  async function close(visit: Visit): Promise<Closed | undefined> {
    let { id } = visit.identity
    let text = visit.base ?? (await ask(visit, () => store.read(id), 'read'))
    for (let step = 0; text !== undefined && step < mostSteps; step += 1) {
      const before = text
      const heir = heirOf(before, id)
      if (heir === nobody) return undefined
      if (heir === undefined) {
        const last = id
        const marker = markerText(last, nobody)
        const result = await ask(visit, () => store.swap(last, before, marker, markerLife))
        if (result === 'done') {
          const reopen = () => ask(visit, () => store.swap(last, marker, before, secondsOf(before)))
          return { id: last, reopen }
        }
        text = result.text
      } else {
        id = heir
        text = await ask(visit, () => store.read(heir), 'read')
      }
    }
    return undefined
  }

  function secondsOf(text: string): number {
    const record = parseRecord(text)
    return life.secondsOf(cookieOf(record?.['cookie'], {}), timeOf(keptOf(record)?.created))
  }

  /** Removes a record, and the one it was rotated to meanwhile. */
  async function destroy(visit: Visit, id: string): Promise<void> {
    const removed = await ask(visit, () => store.destroy(id))
    const led = typeof removed === 'string' ? heirOf(removed, id) : undefined
    // A Connect store can't tell, nor is there a marker where its swap failed: this process may know.
    const heir = led || ended.get(id)
    if (heir === undefined) return
    await destroy(visit, heir)
    remember(heir)
    tell(heir, { reason: 'destroyed' })
  }

  function gone({ identity }: Visit, reason: 'destroyed' | 'expired' | 'rotated'): void {
    identity.ended = true
    remember(identity.id)
    tell(identity.id, { reason })
  }

  function moved(identity: Identity, heir?: string): void {
    identity.moved = true
    identity.ended = true
    remember(identity.id, heir)
  }

  function remember(id: string, heir = ended.get(id)): void {
    if (ended.size >= mostRemembered) ended.clear()
    ended.set(id, heir)
  }

  function started(id: string): void {
    ended.delete(id)
    replaced(id, 'replaced', id)
  }

  function answered({ left, sentId, identity, owner }: Visit): void {
    if (left !== undefined) tell(left.id, left)
    else if (sentId !== undefined && sentId !== identity.id && identity.stored && !owner) {
      replaced(sentId, 'replaced', identity.id)
    }
  }

  function replaced(id: string, reason: 'replaced' | 'rotated', heir: string): void {
    if (id !== heir) tell(id, { reason })
    const [, ...befores] = forebears.lineOf(id)
    if (befores.length === 0) return
    const [own] = forebears.lineOf(heir)
    for (const key of befores) if (key !== own) report.replaced?.(key, reason)
  }

  function tell(id: string, { reason, owner }: { reason: EndReason; owner?: object | undefined }) {
    report.ended({ id, reason, reconnect: reason !== 'destroyed', owner })
  }

  return {
    remove,
    gone,
    moved,
    started,
    hasEnded: (id) => ended.has(id),
    answered,
    replaced,
  }
}
