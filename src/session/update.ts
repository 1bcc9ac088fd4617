/**
 * Changes to what is stored now, atomically: read, change, swap, and again when somebody was faster.
 */
import { CatamaranError } from '../errors.ts'
import type { Committer, Tools } from './committer.ts'
import { type Kept, keptField, keptOf, timeOf } from './kept.ts'
import type { Holder } from './login.ts'
import type { Json, JsonObject } from './merge.ts'
import { adopt, checkSize, checkValues, cookieOf, isLiving, parseRecord, textOf } from './record.ts'
import type { Session } from './session.ts'
import type { SessionSettings } from './settings.ts'
import type { Typed } from './typed.ts'
import type { Visit } from './visit.ts'

/** A record's data, and what is kept beside it. */
export interface Content {
  readonly data: JsonObject
  readonly kept: Kept | undefined
}

/** What a record becomes, and what the caller gets; without `after` nothing is written. */
export interface Outcome<T> {
  readonly after?: Content
  readonly result: T
}

/** Changes the stored session of a visit; the function is called again when somebody was faster. */
export type Amend = <T>(visit: Visit, change: (now: Content) => Outcome<T>) => Promise<T>

interface Read {
  readonly id: string
  /** `undefined` while nothing is stored. */
  readonly text: string | undefined
  readonly cookie: Json | undefined
  readonly now: Content
  /** Data that the schema does not show, and that stays. */
  readonly hidden: JsonObject
  /** Whose session it is. */
  readonly holder: Holder | undefined
  /** What the session object held when this was read. */
  readonly since: string
}

interface Put {
  readonly text: string
  readonly seconds: number
  readonly rotate: boolean
}

export function createAmend(
  settings: SessionSettings,
  { committer, ...tools }: Tools & { readonly committer: Committer },
): Amend {
  const { store, life, typed } = settings
  const { ask, inTurn, endings, cookies, rotation, login, publicFields } = tools

  const amend: Amend = (visit, change) =>
    inTurn(visit.identity.id, async () => {
      for (;;) {
        const { session, identity } = liveOf(visit)
        const read = identity.stored ? await readNow(visit, session) : unsaved(visit, session)
        const { after, result } = change(read.now)
        if (!after) return result
        const put = prepare(visit, read, after)
        if (read.text === undefined && cookies.isOrphan(visit)) {
          adopt(session, parseRecord(put.text) ?? {})
          return result
        }
        if (!(await replace(visit, read, put))) continue
        // What the new id holds is not for who came with the old one.
        if (read.id === identity.id) {
          committer.kept(visit, session, { since: read.since, stored: put.text })
        }
        return result
      }
    })

  function liveOf(visit: Visit) {
    const { session } = visit.request
    const { identity } = visit
    if (!session || (identity.ended && !identity.moved)) throw new CatamaranError('E_SESSION_ENDED')
    return { session, identity }
  }

  async function readNow(visit: Visit, session: Session): Promise<Read> {
    const since = committer.untouched(visit, session)
    const { id } = visit.identity
    const text = await ask(visit, () => store.read(id), 'read')
    const found = await rotation.follow(visit, { id, text })
    const record = found.text === undefined ? undefined : parseRecord(found.text)
    const content = record && isLiving(record, life) ? contentOf(record, typed) : undefined
    if (!content) {
      if (!visit.identity.moved) endings.gone(visit, 'expired')
      throw new CatamaranError('E_SESSION_ENDED')
    }
    const { hidden, ...now } = content
    if (found.id !== id && login.isOther(visit.holder, now.data)) {
      throw new CatamaranError('E_SESSION_ENDED')
    }
    const holder = login.holderOf(now.data, now.kept)
    return { ...found, cookie: record?.['cookie'], now, hidden, holder, since }
  }

  /** Nobody else knows a session that isn't stored: what this request has set so far counts. */
  function unsaved({ identity }: Visit, session: Session): Read {
    const since = textOf(session)
    const record = parseRecord(since) ?? {}
    const { hidden, ...now } = contentOf(record, undefined)
    const holder = login.holderOf({}, undefined)
    return {
      id: identity.id,
      text: undefined,
      cookie: record['cookie'],
      now,
      hidden,
      holder,
      since,
    }
  }

  function prepare(
    { request }: Visit,
    { cookie: stored, hidden, holder }: Read,
    after: Content,
  ): Put {
    checkValues(after.data)
    const noted = login.note(holder, after.data, after.kept)
    const created = timeOf(after.kept?.created) ?? life.beginning()
    const kept = created === undefined ? noted.kept : { ...noted.kept, created }
    const cookie = cookieOf(stored, cookies.attributesFor(request))
    life.renewCookie(cookie, created)
    const data = typed ? typed.check(after.data) : after.data
    const text = textOf({ cookie, ...hidden, ...data, ...(kept && { [keptField]: kept }) })
    checkSize(text, settings.maxBytes)
    return { text, seconds: life.secondsOf(cookie, created), rotate: noted.isLogin }
  }

  /** Stores the changed text; `false` when somebody was faster. */
  async function replace(visit: Visit, { id, text: before }: Read, put: Put): Promise<boolean> {
    const { text: after, seconds } = put
    if (before !== undefined) {
      const moves = put.rotate && id === visit.identity.id && rotation.isPossible(visit)
      const result = moves
        ? await rotation.move(visit, { before, after, seconds })
        : await ask(visit, () => store.swap(id, before, after, seconds))
      if (result !== 'done') return false
      publicFields?.stored(moves ? visit.identity.id : id, before, after)
      return true
    }
    const created = await ask(visit, () => store.create(id, after, seconds))
    if (!created) visit.identity.stored = true
    else publicFields?.stored(id, undefined, after)
    visit.sendCookie ||= created
    return created
  }

  return amend
}

/** @param typed - what shows the record otherwise than it is stored */
function contentOf(stored: JsonObject, typed: Typed | undefined) {
  const record = typed ? typed.upgrade(stored) : stored
  const { cookie: _, [keptField]: _kept, ...data } = typed ? typed.show(record) : record
  const isHidden = ([key]: [string, Json]) =>
    key !== 'cookie' && key !== keptField && !Object.hasOwn(data, key)
  const hidden = typed ? Object.fromEntries(Object.entries(record).filter(isHidden)) : {}
  return { data, kept: keptOf(record), hidden }
}
