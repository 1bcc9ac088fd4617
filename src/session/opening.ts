/**
 * Opens the session of a request, by the ids its cookies name, or of a socket's event, by what the socket
 * stands on: at once where the store can tell at once.
 */
import { CatamaranError } from '../errors.ts'
import type { SignedId } from './cookie.ts'
import type { Endings } from './ending.ts'
import type { Absent, Found, Loaded, Loader } from './load.ts'
import type { Bound, Sent, Sessions, WhenDown } from './sessions.ts'
import type { SessionSettings } from './settings.ts'
import { type Identity, type Visit, visitOf } from './visit.ts'

interface Tools extends Pick<Loader, 'load' | 'loadNow'> {
  readonly endings: Pick<Endings, 'gone'>
  /** Puts a session object on the visit's request; without a record an empty one. */
  begin(visit: Visit, found?: Found): Visit
  fresh(request: Visit['request']): Identity
}

/** What a request brings to find its session by. */
interface Search extends Pick<Visit, 'request' | 'activity'> {
  readonly signed: readonly SignedId[]
  readonly whenDown: WhenDown
}

/** A session that a request brought the id of, and how long it took to find it. */
interface Brought extends Pick<Visit, 'request' | 'activity' | 'waited'> {
  readonly sent: SignedId
  readonly found: Loaded
}

export function createOpening(
  { signer, onStoreError }: SessionSettings,
  { load, loadNow, begin, fresh, endings }: Tools,
): Pick<Sessions, 'open' | 'resume'> {
  function open(
    request: Visit['request'],
    sent: Sent,
    whenDown: WhenDown = onStoreError,
    activity = true,
  ): Visit | Promise<Visit> {
    const signed = typeof sent === 'object' ? sent : signer.idsIn(sent)
    const [first] = signed
    if (!first) return begin(visitOf(request, { identity: fresh(request) }))
    const search = { request, signed, whenDown, activity }
    return openNow(search, first) ?? find(search)
  }

  /** Nearly all requests of a store in this process: no promise, the action follows in the same tick. */
  function openNow({ request, activity }: Search, sent: SignedId): Visit | undefined {
    try {
      const found = loadNow(sent.id, activity)
      return found && beginKnown({ request, activity, sent, found, waited: 0 })
    } catch {
      // Whatever it was: the way with promises comes upon it, too, and tells.
      return undefined
    }
  }

  async function find({ request, signed, whenDown, activity }: Search): Promise<Visit> {
    const spent = { waited: 0 }
    const stranger = () => ({ ...spent, identity: fresh(request), sentId: signed[0]?.id })
    try {
      for (const sent of signed) {
        const found = await load(spent, sent.id, activity)
        if (typeof found === 'string') continue
        return beginKnown({ request, activity, sent, found, waited: spent.waited })
      }
    } catch (error) {
      if (whenDown === 'fail') throw error
      return begin(visitOf(request, { ...stranger(), detached: true }))
    }
    return begin(visitOf(request, stranger()))
  }

  function beginKnown({ request, activity, waited, sent: { id, stale }, found }: Brought): Visit {
    const identity = { id, stored: true, ended: false }
    const known = { identity, sentId: id, sendCookie: stale, activity, waited }
    return beginOn(visitOf(request, known), found)
  }

  function resume(
    request: Visit['request'],
    { identity, owner, renewable, whenDown = onStoreError, activity = true }: Bound,
  ): Visit | Promise<Visit> {
    if (identity.ended) throw new CatamaranError('E_SESSION_ENDED')
    const visit = visitOf(request, { identity, owner, renewable, activity, sentId: identity.id })
    if (!identity.stored) return begin(visit)
    return resumeNow(visit) ?? findAgain(visit, whenDown)
  }

  function resumeNow(visit: Visit): Visit | undefined {
    try {
      const found = loadNow(visit.identity.id, visit.activity)
      return found && beginOn(visit, found)
    } catch {
      return undefined
    }
  }

  async function findAgain(visit: Visit, whenDown: WhenDown): Promise<Visit> {
    const { request, identity, owner } = visit
    let found: Loaded | Absent
    try {
      found = await load(visit, identity.id, visit.activity)
    } catch (error) {
      if (whenDown === 'fail') throw error
      return begin(visitOf(request, { identity: fresh(request), owner, detached: true }))
    }
    if (typeof found !== 'string') return beginOn(visit, found)
    endings.gone(visit, found === 'ended' ? 'expired' : found)
    throw new CatamaranError('E_SESSION_ENDED')
  }

  function beginOn(visit: Visit, found: Loaded): Visit {
    visit.base = found.text
    visit.renewed = found.renewed
    return begin(visit, found)
  }

  return { open, resume }
}
