/**
 * Renews the life of a session that did not change, or sees whether it still lives where its answer brings the
 * cookie: an id that was rotated away or ended meanwhile is not renewed, nor does a late answer lead its
 * browser back there.
 */
import type { Ask } from './budget.ts'
import type { Endings } from './ending.ts'
import { createdOf } from './kept.ts'
import { heirOf, isMarkerText } from './marker.ts'
import type { Rotation } from './rotation.ts'
import type { Session } from './session.ts'
import type { SessionSettings } from './settings.ts'
import type { Visit } from './visit.ts'

interface Tools {
  readonly ask: Ask
  readonly endings: Endings
  readonly rotation: Rotation
}

export interface Renewal {
  /** Renews the life; a store that fails becomes the visit's late error. */
  renew(visit: Visit, session: Session): Promise<void>
  /** Ends the visit's identity where its record is gone; nothing to wait for where this process would know. */
  confirm(visit: Visit): Promise<void> | undefined
}

/** What has become of an id. */
type State = 'alive' | 'expired' | 'rotated'

export function createRenewal(
  { store, life }: SessionSettings,
  { ask, endings, rotation }: Tools,
): Renewal {
  // What ends within this process is remembered here; what other processes do, only the text can tell.
  const isAlone = store.reach === 'process'
  // A file that is full can be read, without renewing: only touch tells.
  const isFile = store.reach === 'machine'

  async function renewed(visit: Visit, session: Session, seconds: number): Promise<State> {
    const state = isAlone ? 'alive' : await look(visit, isFile ? undefined : seconds)
    return state === 'alive' && (isAlone || isFile) ? touched(visit, session, seconds) : state
  }

  async function look(visit: Visit, seconds?: number): Promise<State> {
    const { id } = visit.identity
    const text = await ask(visit, () => store.read(id, seconds), 'read')
    if (text === undefined) return 'expired'
    if (!isMarkerText(text)) return 'alive'
    if (seconds !== undefined) await rotation.shorten(visit, { id, text })
    return heirOf(text, id) ? 'rotated' : 'expired'
  }

  async function touched(visit: Visit, session: Session, seconds: number): Promise<State> {
    const { id } = visit.identity
    const isThere = await ask(visit, () => store.touch(id, seconds, session))
    return isThere ? 'alive' : 'expired'
  }

  function lives(visit: Visit, state: State): boolean {
    if (state === 'alive') return true
    endings.gone(visit, state)
    // What this visit still stores reaches the record under its new id.
    visit.identity.moved = state === 'rotated'
    return false
  }

  async function renew(visit: Visit, session: Session): Promise<void> {
    const { id } = visit.identity
    visit.renewed = false
    if (endings.hasEnded(id)) return
    const created = createdOf(session)
    const seconds = life.secondsOf(session.cookie, created)
    life.renewCookie(session.cookie, created)
    try {
      if (!lives(visit, await renewed(visit, session, seconds))) return
      visit.renewed = true
      visit.renew = false
      life.renewed(id, seconds, created)
    } catch (error) {
      visit.lateError = error
    }
  }

  function confirm(visit: Visit): Promise<void> | undefined {
    if (isAlone || endings.hasEnded(visit.identity.id)) return undefined
    return look(visit).then(
      (state) => void lives(visit, state),
      (error: unknown) => {
        visit.lateError = error
      },
    )
  }

  return { renew, confirm }
}
