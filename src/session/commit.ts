/**
 * The commit: what a request changed reaches the store, or its life is renewed, before anything of its answer
 * leaves. This file says what has to be done; write.ts and renewal.ts do it.
 */
import { CatamaranError } from '../errors.ts'
import type { CommitTools, Committer } from './committer.ts'
import { createComparison } from './comparison.ts'
import { BaseSession } from './express-session.ts'
import { createRenewal } from './renewal.ts'
import { Session } from './session.ts'
import type { SessionSettings } from './settings.ts'
import type { Visit } from './visit.ts'
import { createWriting } from './write.ts'

export function createCommitter(settings: SessionSettings, tools: CommitTools): Committer {
  const { life, report, express } = settings
  const { inTurn, endings, cookies } = tools
  const { renew, confirm } = createRenewal(settings, tools)
  const { untouched, changeOf, isBlank, compared } = createComparison(cookies)
  const { write, kept } = createWriting(settings, { ...tools, compared })

  function commit(visit: Visit): string | undefined | Promise<string | undefined> {
    if (visit.pending.length > 0) return Promise.allSettled(visit.pending).then(() => finish(visit))
    return finish(visit)
  }

  function finish(visit: Visit): string | undefined | Promise<string | undefined> {
    if (visit.fault) throw visit.fault
    if (visit.detached) return undefined
    const session = sessionOf(visit)
    const work = session && (storeOrRenew(visit, session) ?? confirmSent(visit))
    // Most reads leave nothing to wait for, nor do most changes in a store of this process.
    if (work) return work.then(() => lineOf(visit))
    if (isUnset(visit)) return endings.remove(visit, 'destroyed').then(() => lineOf(visit))
    return lineOf(visit)
  }

  /** One of express-session's own counts, too, as its stores make them; what else stands there nothing would store. */
  function sessionOf(visit: Visit): Visit['request']['session'] {
    const { session } = visit.request
    if (!session) return session
    if (session instanceof Session) {
      if (session.cookie) return session
      throw new CatamaranError('E_SESSION_COOKIE')
    }
    const other: object = session
    if (!(other instanceof BaseSession)) throw new CatamaranError('E_SESSION_REPLACED')
    return tools.replace(visit, other).request.session
  }

  function lineOf(visit: Visit): string | undefined {
    return visit.owner ? undefined : cookies.lineOf(visit)
  }

  function isUnset({ request: { session }, identity }: Visit): boolean {
    if (settings.unset !== 'destroy' || identity.ended) return false
    return session === null || (settings.express !== undefined && session === undefined)
  }

  async function keep(visit: Visit, saving = false): Promise<void> {
    const session = sessionOf(visit)
    if (session) await storeOrRenew(visit, session, saving)
  }

  /** Stores or renews what has to be; nothing to wait for where it can be left as it is, or was stored at once. */
  function storeOrRenew(visit: Visit, session: Session, saving = false): Promise<void> | undefined {
    const force = saving || settings.saveUninitialized
    if (visit.base === undefined && !force && isBlank(visit, session)) return undefined
    const again = express?.isPlain() && (saving || (express.resave && !visit.renewed))
    let change = visit.base === undefined || again ? undefined : changeOf(visit, session)
    if (visit.base === undefined || again || change) {
      const isAgain = again === true
      const done = inTurn(visit.identity.id, () =>
        write(visit, session, { again: isAgain, change }),
      )
      // Who has to wait for a turn looks anew.
      change = undefined
      return done
    }
    const { id, moved } = visit.identity
    if (moved) return undefined
    const isDue = visit.activity && !visit.renewed && life.dueAfterRead(id)
    if (visit.renew || isDue) return renew(visit, session).then(() => follow(visit, session))
    follow(visit, session)
    return undefined
  }

  /** What the answer brings once more its browser may have lost meanwhile, by an answer of another node. */
  function confirmSent(visit: Visit): Promise<void> | undefined {
    const isSent = visit.sentId === visit.identity.id && !visit.identity.ended
    return isSent && cookies.isDue(visit) ? confirm(visit) : undefined
  }

  /** The browser's cookie lives on along with the record. */
  function follow(visit: Visit, { cookie }: Session): void {
    visit.sendCookie ||= !express && visit.renewed && typeof cookie.originalMaxAge === 'number'
  }

  async function rotate(visit: Visit, session: Session): Promise<void> {
    await inTurn(visit.identity.id, () => write(visit, session, { rotate: true }))
  }

  function checkSealed(visit: Visit): boolean {
    if (!hasLost(visit)) return false
    const { code, message, hint } = new CatamaranError('E_SESSION_SEALED')
    report.warn(`${code} ${message}: ${visit.request.url?.split('?')[0]}. ${hint}`)
    return true
  }

  function hasLost(visit: Visit): boolean {
    const { session } = visit.request
    if (!session || visit.identity.ended || visit.detached) return false
    try {
      const isChanged =
        visit.base === undefined ? !isBlank(visit, session) : changeOf(visit, session) !== undefined
      return isChanged && !cookies.isOrphan(visit)
    } catch {
      // What can't be written was not there when the session was stored.
      return true
    }
  }

  return { commit, keep, rotate, untouched, kept, checkSealed }
}
