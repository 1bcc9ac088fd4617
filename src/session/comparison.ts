/**
 * Tells whether a session has changed since it was read: compares its text with the one it would have
 * unchanged. Stores nothing.
 */
import { createOwnTexts } from './own-texts.ts'
import { dataOf, isEmpty, textOf, textWithEnd } from './record.ts'
import type { Session } from './session.ts'
import type { AnswerCookies } from './set-cookie.ts'
import { createUntouched } from './untouched.ts'
import type { Visit } from './visit.ts'

/** A session's text, and the one it would have unchanged: both with the same end of its life. */
export interface Compared {
  readonly base: string
  readonly now: string
}

export function createComparison(cookies: Pick<AnswerCookies, 'attributesFor'>) {
  const untouched = createUntouched(cookies)
  const own = createOwnTexts()

  /** What has changed since the session was read; `undefined` when nothing has. */
  function changeOf(visit: Visit, session: Session): Compared | undefined {
    const now = textWithEnd(session, visit.shownEnd)
    if (now === visit.base) return undefined
    if (visit.base !== undefined && isOwn(visit)) return { base: visit.base, now }
    const isShown = session.cookie._expires === visit.shownEnd
    const compared = { base: untouched(visit, session), now: isShown ? now : textOf(session) }
    return compared.base === compared.now ? undefined : compared
  }

  /** Whether the session stands on a text as we write it, and shows it as it is. */
  function isOwn({ base, view }: Visit): boolean {
    return view === undefined && own.has(base)
  }

  /** The same whether or not anything has. */
  function compared(visit: Visit, session: Session): Compared {
    if (visit.base !== undefined && isOwn(visit)) {
      return { base: visit.base, now: textWithEnd(session, visit.shownEnd) }
    }
    return { base: untouched(visit, session), now: textOf(session) }
  }

  return { untouched, changeOf, isBlank, compared, stored: own.add }
}

/** Whether it is a visitor's of whom there is nothing to keep. */
function isBlank({ blank }: Visit, session: Session): boolean {
  return isEmpty(session) || (blank !== undefined && JSON.stringify(dataOf(session)) === blank)
}
