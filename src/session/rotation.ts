/**
 * Rotation: a session gets a new id and keeps its data. The new record is created, then the old text is
 * swapped for a marker that leads there; never are both keys touched at once, so that it works on every
 * store. Who reads the old id finds nothing; who was under way under it is led on.
 */
import type { Ask } from './budget.ts'
import type { Endings } from './ending.ts'
import { heirOf, isMarkerText, markerLife, markerText, nobody, secondsOf } from './marker.ts'
import { Session } from './session.ts'
import type { AnswerCookies } from './set-cookie.ts'
import type { SessionSettings } from './settings.ts'
import type { SwapResult } from './store.ts'
import type { Identity, Visit } from './visit.ts'

/** A text, and the id it stands under. */
export interface Found {
  readonly id: string
  readonly text: string | undefined
}

export interface Rotation {
  /** Whether the id of this visit may change: whether its answer can bring the browser a new cookie. */
  isPossible(visit: Visit): boolean
  /** Replaces the stored text `before` by `after` under a new id, with which the visit goes on. */
  move(visit: Visit, record: Move): Promise<SwapResult>
  /** Leads on from a text of this visit's session to where the session stands now. */
  follow(visit: Visit, found: Found): Promise<Found>
  /**
   * Gives a marker its own life back, after a read that took it for a session has renewed it.
   *
   * @returns whether it was one
   */
  shorten(spent: { waited: number }, found: Found): Promise<boolean>
  /** Gives the visit of a session that isn't stored another id. */
  renew(visit: Visit): void
}

export interface Move {
  readonly before: string
  readonly after: string
  /** The life of the new record. */
  readonly seconds: number
}

interface Tools {
  readonly ask: Ask
  readonly endings: Endings
  readonly cookies: AnswerCookies
  fresh(request: Visit['request']): Identity
}

export function createRotation(
  { store, report }: SessionSettings,
  { ask, endings, cookies, fresh }: Tools,
): Rotation {
  let warned = false

  function isPossible(visit: Visit): boolean {
    if (!visit.owner) return !cookies.isOrphan(visit)
    if (visit.renewable) return true
    if (!warned) {
      report.warn(
        'a session was to be rotated over a socket whose client can fetch no new cookie: it kept its id. ' +
          'Use catamaran/client, or log in over HTTP.',
      )
    }
    warned = true
    return false
  }

  async function move(visit: Visit, { before, after, seconds }: Move): Promise<SwapResult> {
    const { id } = visit.identity
    const next = fresh(visit.request)
    // An app's own ids may be the same again.
    if (next.id === id) return ask(visit, () => store.swap(id, before, after, seconds))
    if (!(await ask(visit, () => store.create(next.id, after, seconds)))) return { text: before }
    const marker = markerText(id, next.id)
    const result = await ask(visit, () => store.swap(id, before, marker, markerLife)).catch(lost)
    if (result === 'done') goOn(visit, { ...next, stored: true })
    else await ask(visit, () => store.destroy(next.id))
    return result

    /** Nobody knows whether it was swapped: the old id may be dead, the new one surely lives. */
    function lost(error: unknown): never {
      goOn(visit, { ...next, stored: true })
      visit.base = after
      throw error
    }
  }

  function goOn(visit: Visit, next: Identity): void {
    const { id } = visit.identity
    endings.moved(visit.identity, next.id)
    visit.left ??= { id, reason: 'rotated' }
    visit.sendCookie = true
    take(visit, next)
    if (visit.owner) report.moved?.(visit.owner, next, 'rotated')
  }

  function take(visit: Visit, next: Identity): void {
    visit.identity = next
    visit.request.sessionID = next.id
    if (visit.request.session) Session.rename(visit.request.session, next.id)
  }

  async function follow(visit: Visit, found: Found): Promise<Found> {
    const { id, text } = found
    const heir = text === undefined ? undefined : heirOf(text, id)
    if (heir === undefined) return found
    if (heir === nobody) return { id, text: undefined }
    if (id === visit.identity.id) endings.moved(visit.identity, heir)
    return follow(visit, { id: heir, text: await ask(visit, () => store.read(heir), 'read') })
  }

  async function shorten(spent: { waited: number }, { id, text }: Found): Promise<boolean> {
    if (text === undefined || !isMarkerText(text)) return false
    const left = secondsOf(text)
    // A failure costs nothing but room: nobody reads a marker as a session.
    if (left > 0) await ask(spent, () => store.swap(id, text, text, left)).catch(() => {})
    return true
  }

  /** Over a socket the id is as fresh as its handshake, which brought the cookie. */
  function renew(visit: Visit): void {
    if (!visit.owner) take(visit, fresh(visit.request))
  }

  return { isPossible, move, follow, shorten, renew }
}
