/**
 * The life of a session within one request or socket event: open, commit, end. The only caller of a
 * store. Knows nothing of HTTP or sockets: the doors bring the cookie header and send what comes back.
 * This file puts the parts together and makes the session object.
 */
import { AppSession } from './app-session.ts'
import { createArrivals } from './arrival.ts'
import { createBudget } from './budget.ts'
import { createCommitter } from './commit.ts'
import { createId } from './cookie.ts'
import { createEndings } from './ending.ts'
import { createForebears } from './forebears.ts'
import { createHandle } from './handle.ts'
import { createdOf, type Kept, keptField, keptOf, timeOf } from './kept.ts'
import { createKnownTexts } from './known.ts'
import type { Span } from './life.ts'
import { createLoader, type Found } from './load.ts'
import { createLogin } from './login.ts'
import type { JsonObject } from './merge.ts'
import { createOpening } from './opening.ts'
import { createPublicFields } from './public-fields.ts'
import { published } from './published.ts'
import { cookieOf, dataOf, parseRecord } from './record.ts'
import { createRotation } from './rotation.ts'
import { Session } from './session.ts'
import type { Sessions } from './sessions.ts'
import { createAnswerCookies } from './set-cookie.ts'
import type { SessionSettings } from './settings.ts'
import type { Tickets } from './tickets.ts'
import { createTurns } from './turns.ts'
import type { Identity, Visit } from './visit.ts'

export type { Bound, Sent, Sessions, WhenDown } from './sessions.ts'

const none: JsonObject = Object.freeze({})

export function createSessions(given: SessionSettings): Sessions {
  const settings = { ...given, report: published(given.report) }
  const { store, life, report, express, typed } = settings
  const ask = createBudget(store, { seconds: settings.storeTimeout, warn: report.warn })
  const defaultCookie = cookieOf(undefined, settings.cookie)
  const inTurn = createTurns()
  const forebears = createForebears()
  const endings = createEndings(settings, { ask, inTurn, forebears })
  const cookies = createAnswerCookies(settings, endings)
  const rotation = createRotation(settings, { ask, endings, cookies, fresh })
  const login = createLogin(settings.user, life)
  const known = createKnownTexts()
  const publicFields = createPublicFields(settings, ask)
  const tools = { ask, inTurn, endings, cookies, rotation, login, known, publicFields }
  const committer = createCommitter(settings, { ...tools, replace })
  const { load, loadNow, secondsLeft } = createLoader(settings, tools)
  let tickets: Tickets | undefined
  const handleOf = createHandle(settings, { ...tools, committer, begin, fresh })
  const { open, resume } = createOpening(settings, { load, loadNow, begin, fresh, endings })

  function restart(visit: Visit): void {
    visit.identity = fresh(visit.request)
    visit.base = undefined
    begin(visit)
  }

  function fresh(request?: Visit['request']): Identity {
    const id = request && settings.genid ? settings.genid(request) : createId()
    return { id, stored: false, ended: false }
  }

  /** Puts the session object on the request. */
  function begin(visit: Visit, found?: Found): Visit {
    const { request } = visit
    request.sessionID = visit.identity.id
    const data = typed ? typed.view(found?.value ?? none) : (found?.value ?? none)
    const stored = data['cookie']
    const cookie = cookieOf(stored, stored ? none : cookies.attributesFor(request))
    const kept = keptFor(data)
    const contents = { data, cookie, handle: () => handleOf(visit), kept }
    const session = express ? new Session(request, contents) : new AppSession(request, contents)
    request.session = session as AppSession
    visit.holder = login.holderOf(session, kept)
    visit.shownEnd = cookie._expires
    visit.known = found?.known
    if (typed) visit.view = JSON.stringify(data)
    if (typed && !found) visit.blank = JSON.stringify(dataOf(session))
    if (found) life.showEnd(cookie, found.end, timeOf(kept?.created))
    return visit
  }

  /** What is stored stays what it stands on, so that a login shows and nothing that is kept beside is lost. */
  function replace(visit: Visit, put: object): Visit {
    const { base, holder, view } = visit
    const beside = base === undefined ? {} : { [keptField]: keptOf(parseRecord(base)) }
    begin(visit, { value: { ...put, ...beside } as object as JsonObject })
    return Object.assign(visit, { holder, view })
  }

  /** What is kept beside the data; the absolute clock of a session without one begins to run. */
  function keptFor(record: JsonObject): Kept | undefined {
    const kept = keptOf(record)
    const created = timeOf(kept?.created) ?? life.beginning()
    return created === undefined ? kept : { ...kept, created }
  }

  function lifeOf({ request: { session }, identity }: Visit): Span {
    const created = session ? createdOf(session) : undefined
    return life.spanOf(session?.cookie ?? defaultCookie, created, identity.id)
  }

  const arrivalTools = { ...tools, load, begin, committer, lifeOf, fresh, forebears }
  return {
    open,
    restart,
    resume,
    commit: committer.commit,
    rescue: (visit) => (visit.left?.reason === 'rotated' ? cookies.lineOf(visit) : undefined),
    checkSealed: committer.checkSealed,
    watchLate: settings.lateWatch?.(committer.checkSealed),
    answered: endings.answered,
    identify: createArrivals(settings, arrivalTools),
    wasReplaced: forebears.wasReplaced,
    forebears,
    async tickets() {
      const { createTickets } = await import('./tickets.ts')
      tickets ??= createTickets(settings, { ...tools, committer, begin, forebears })
      return tickets
    },
    fresh: () => fresh(),
    lifeOf,
    secondsLeft,
    publicFields,
    check: () => ask({ waited: 0 }, () => store.check()),
  }
}
