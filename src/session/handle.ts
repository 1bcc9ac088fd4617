/**
 * What an action can do with its session beside changing it: save, reload, regenerate, destroy, touch and
 * the atomic update. session.ts gives these to actions.
 */
import { CatamaranError } from '../errors.ts'
import type { Committer, Tools } from './commit.ts'
import type { JsonObject } from './merge.ts'
import { adopt, checkRecord, mergeRecords, parseRecord, textOf } from './record.ts'
import type { Handle, Session } from './session.ts'
import type { SessionSettings } from './settings.ts'
import type { EndReason, Identity, Visit } from './visit.ts'

export interface HandleTools extends Tools {
  readonly committer: Committer
  /** Puts a session object on the visit's request; without a record an empty one. */
  begin(visit: Visit, record?: JsonObject): Visit
  fresh(request?: Visit['request']): Identity
}

/** Makes the function that gives each visit its handle. */
export function createHandle(
  settings: SessionSettings,
  { ask, inTurn, end, committer, begin, fresh }: HandleTools,
): (visit: Visit) => Handle {
  const { store, life } = settings

  function save(visit: Visit): Promise<void> {
    const saved = committer.keep(visit, true)
    visit.saves.push(saved)
    return saved
  }

  async function reload(visit: Visit): Promise<void> {
    const { record, text } = await readNow(visit)
    visit.base = text
    visit.untouched = undefined
    begin(visit, record)
  }

  async function readNow(visit: Visit): Promise<{ record: JsonObject; text: string }> {
    const text = await ask(visit, () => store.read(visit.identity.id))
    const record = text === undefined ? undefined : parseRecord(text)
    if (text === undefined || !record) throw new CatamaranError('E_SESSION_ENDED')
    return { record, text }
  }

  async function regenerate(visit: Visit): Promise<void> {
    if (visit.owner) {
      // No cookie can be changed over a socket: the id stays, the data goes.
      begin(visit)
      return
    }
    await remove(visit, 'regenerated')
    visit.identity = fresh(visit.request)
    visit.base = undefined
    visit.untouched = undefined
    begin(visit)
  }

  async function destroy(visit: Visit): Promise<void> {
    delete visit.request.session
    await remove(visit, 'destroyed')
  }

  async function remove(visit: Visit, reason: EndReason): Promise<void> {
    const { identity } = visit
    // At once, so that nothing under way creates it again; the record goes after what is being stored.
    identity.ended = true
    await inTurn(identity.id, async () => {
      if (identity.stored) await ask(visit, () => store.destroy(identity.id))
    })
    visit.clearCookie = true
    end(visit, reason)
  }

  function touch(visit: Visit): void {
    visit.renew = true
    const { session } = visit.request
    if (session) life.renewCookie(session.cookie)
  }

  function update<T>(visit: Visit, change: (data: Catamaran.SessionData) => T): Promise<T> {
    const { identity, request } = visit
    return inTurn(identity.id, async () => {
      const session = request.session as Session
      for (;;) {
        if (identity.ended) throw new CatamaranError('E_SESSION_ENDED')
        const { record, text } = identity.stored
          ? await readNow(visit)
          : { record: parseRecord(textOf(session)) ?? {}, text: undefined }
        const { after, result } = changed(record, change, session)
        checkRecord(record, after, settings.maxBytes)
        if (!(await put(visit, text, after))) continue
        follow(visit, session, after)
        return result
      }
    })
  }

  /** Applies the change to what is stored now. */
  function changed<T>(
    record: JsonObject,
    change: (data: Catamaran.SessionData) => T,
    { cookie }: Session,
  ): { after: string; result: T } {
    const { cookie: stored, ...data } = record
    const result = change(data)
    if (result instanceof Promise) {
      result.catch(() => {})
      throw new CatamaranError('E_SESSION_UPDATE')
    }
    life.renewCookie(cookie)
    return { after: textOf({ cookie: stored ?? cookie, ...data }), result }
  }

  /** Stores the changed text; `false` when somebody was faster. */
  async function put(visit: Visit, before: string | undefined, after: string): Promise<boolean> {
    const { identity } = visit
    const { id } = identity
    const seconds = life.secondsOf((visit.request.session as Session).cookie)
    if (before === undefined) {
      const created = await ask(visit, () => store.create(id, after, seconds))
      identity.stored = true
      visit.sendCookie ||= created
      return created
    }
    const result = await ask(visit, () => store.swap(id, before, after, seconds))
    return result === 'done' || result.text === after
  }

  /** The session object shows the new state; what the action changed and did not save yet stays. */
  function follow(visit: Visit, session: Session, after: string): void {
    const texts = { base: committer.pristine(visit, session), mine: textOf(session), theirs: after }
    const merged = mergeRecords(texts, { rules: settings.merge })
    if (merged) adopt(session, merged.value)
    committer.kept(visit, session, after)
  }

  return (visit) => ({
    save: () => save(visit),
    reload: () => reload(visit),
    regenerate: () => regenerate(visit),
    destroy: () => destroy(visit),
    touch: () => touch(visit),
    update: (change) => update(visit, change),
  })
}
