/**
 * Renews the life of a session that did not change; not that of an id which was rotated away or ended meanwhile,
 * or a late answer would lead its browser back there.
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

/** What became of an id whose life was to be renewed. */
type State = 'renewed' | 'expired' | 'rotated'

/** Renews it; a store that fails becomes the visit's late error. */
export function createRenewal(
  { store, life }: SessionSettings,
  { ask, endings, rotation }: Tools,
): (visit: Visit, session: Session) => Promise<void> {
  async function renewed(visit: Visit, session: Session, seconds: number): Promise<State> {
    const { id } = visit.identity
    // What ends within this process is remembered here; what other processes do, only the text can tell.
    if (store.reach === 'process') return touched(visit, session, seconds)
    // A file that is full can be read, without renewing: only touch tells.
    const isFile = store.reach === 'machine'
    const text = await ask(visit, () => store.read(id, isFile ? undefined : seconds), 'read')
    if (text === undefined) return 'expired'
    if (isMarkerText(text)) {
      if (!isFile) await rotation.shorten(visit, { id, text })
      return heirOf(text, id) ? 'rotated' : 'expired'
    }
    return isFile ? touched(visit, session, seconds) : 'renewed'
  }

  async function touched(visit: Visit, session: Session, seconds: number): Promise<State> {
    const { id } = visit.identity
    const isThere = await ask(visit, () => store.touch(id, seconds, session))
    return isThere ? 'renewed' : 'expired'
  }

  return async (visit, session) => {
    const { id } = visit.identity
    visit.renewed = false
    if (endings.hasEnded(id)) return
    const created = createdOf(session)
    const seconds = life.secondsOf(session.cookie, created)
    life.renewCookie(session.cookie, created)
    try {
      const state = await renewed(visit, session, seconds)
      if (state !== 'renewed') {
        endings.gone(visit, state)
        // What this visit still stores reaches the record under its new id.
        visit.identity.moved = state === 'rotated'
        return
      }
      visit.renewed = true
      visit.renew = false
      life.renewed(id, seconds, created)
    } catch (error) {
      visit.lateError = error
    }
  }
}
