/**
 * What the text of a session would be if nothing had changed since it was loaded. A write asks twice within
 * one visit, and the whole record is parsed and written for it, so it is kept until the visit ends.
 */
import { untouchedText } from './record.ts'
import type { Session } from './session.ts'
import type { AnswerCookies } from './set-cookie.ts'
import type { Visit } from './visit.ts'

interface Known {
  readonly base: string
  readonly end: Session['cookie']['_expires']
  readonly text: string
}

export function createUntouched(cookies: Pick<AnswerCookies, 'attributesFor'>) {
  const texts = new WeakMap<Visit, Known>()

  return (visit: Visit, session: Session): string => {
    const { request, view: base = visit.base } = visit
    const end = session.cookie._expires
    const known = texts.get(visit)
    if (known && known.base === base && known.end === end) return known.text
    const text = untouchedText(base, session, cookies.attributesFor(request))
    // A new session's cookie is still its own: there is nothing to keep.
    if (base !== undefined) texts.set(visit, { base, end, text })
    return text
  }
}
