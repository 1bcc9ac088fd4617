/**
 * What an action can do with its session beside changing it: save, reload, regenerate, destroy, touch and
 * the atomic update. session.ts gives these to actions.
 */
import { CatamaranError } from '../errors.ts'
import type { Committer, Tools } from './commit.ts'
import type { JsonObject } from './merge.ts'
import { adopt, checkSize, checkValues, cookieOf, parseRecord, textOf } from './record.ts'
import type { Handle, Session } from './session.ts'
import type { SessionSettings } from './settings.ts'
import type { Identity, Visit } from './visit.ts'

export interface HandleTools extends Tools {
  readonly committer: Committer
  /** Puts a session object on the visit's request; without a record an empty one. */
  begin(visit: Visit, found?: { readonly value: JsonObject }): Visit
  fresh(request?: Visit['request']): Identity
}

type Change<T> = (data: Catamaran.SessionData) => T

/** Makes the function that gives each visit its handle. */
export function createHandle(
  settings: SessionSettings,
  { ask, inTurn, endings, cookies, committer, begin, fresh }: HandleTools,
): (visit: Visit) => Handle {
  const { store, life } = settings

  async function reload(visit: Visit): Promise<void> {
    const { record, text } = await readNow(visit)
    visit.base = text
    begin(visit, { value: record })
  }

  async function readNow(visit: Visit): Promise<{ record: JsonObject; text: string }> {
    const text = await ask(visit, () => store.read(visit.identity.id))
    const record = text === undefined ? undefined : parseRecord(text)
    if (text !== undefined && record) return { record, text }
    if (visit.identity.stored) endings.gone(visit, 'expired')
    throw settings.express
      ? new Error('failed to load session')
      : new CatamaranError('E_SESSION_ENDED')
  }

  async function regenerate(visit: Visit): Promise<void> {
    if (visit.owner) {
      // No cookie can be changed over a socket: the id stays, the data goes.
      begin(visit)
      return
    }
    await endings.remove(visit, 'regenerated')
    visit.identity = fresh(visit.request)
    visit.base = undefined
    begin(visit)
  }

  async function destroy(visit: Visit): Promise<void> {
    delete visit.request.session
    await endings.remove(visit, 'destroyed')
  }

  function touch(visit: Visit): void {
    visit.renew = true
    const { session } = visit.request
    if (session) life.renewCookie(session.cookie)
  }

  function update<T>(visit: Visit, change: Change<T>): Promise<T> {
    const { identity } = visit
    return inTurn(identity.id, async () => {
      for (;;) {
        const { session } = visit.request
        if (identity.ended || !session) throw new CatamaranError('E_SESSION_ENDED')
        const { since, record, text } = identity.stored
          ? { since: committer.untouched(visit, session), ...(await readNow(visit)) }
          : unsaved(session)
        const { after, seconds, result } = changed(visit, record, change)
        if (text === undefined && cookies.isOrphan(visit)) {
          adopt(session, parseRecord(after) ?? {})
          return result
        }
        if (!(await put(visit, { before: text, after, seconds }))) continue
        committer.kept(visit, session, { since, stored: after })
        return result
      }
    })
  }

  /** Nobody else knows a session that isn't stored: what this request has set so far counts. */
  function unsaved(session: Session) {
    const since = textOf(session)
    return { since, record: parseRecord(since) ?? {}, text: undefined }
  }

  /** Applies the change to what is stored now, and renews its life. */
  function changed<T>({ request }: Visit, record: JsonObject, change: Change<T>): Changed<T> {
    const { cookie: stored, ...data } = record
    const result = change(data)
    if (result instanceof Promise) {
      result.catch(() => {})
      throw new CatamaranError('E_SESSION_UPDATE')
    }
    checkValues(data)
    const cookie = cookieOf(stored, cookies.attributesFor(request))
    life.renewCookie(cookie)
    const after = textOf({ cookie, ...data })
    checkSize(after, settings.maxBytes)
    return { after, seconds: life.secondsOf(cookie), result }
  }

  /** Stores the changed text; `false` when somebody was faster. */
  async function put(visit: Visit, { before, after, seconds }: Put): Promise<boolean> {
    const { id } = visit.identity
    if (before !== undefined) {
      return (await ask(visit, () => store.swap(id, before, after, seconds))) === 'done'
    }
    const created = await ask(visit, () => store.create(id, after, seconds))
    if (!created) visit.identity.stored = true
    visit.sendCookie ||= created
    return created
  }

  return (visit) => {
    /** The commit waits for it, whether or not the action does. */
    function run<T>(work: () => Promise<T>): Promise<T> {
      const done = visit.detached ? Promise.reject(storeDown()) : work()
      visit.pending.push(done)
      done.catch(() => {})
      return done
    }

    /** Its failure fails the answer too: nobody is told of a logout that did not happen. */
    function insist<T>(work: () => Promise<T>, isOwn = (_error: unknown) => false): Promise<T> {
      const done = run(work)
      done.catch((error: unknown) => {
        if (!isOwn(error) && isFault(error)) visit.fault = error
      })
      return done
    }

    return {
      // A save that failed is tried again by the commit.
      save: () => run(() => committer.keep(visit, true)),
      reload: () => run(() => reload(visit)),
      regenerate: () => insist(() => regenerate(visit)),
      destroy: () => insist(() => destroy(visit)),
      touch: () => touch(visit),
      update(change) {
        const thrown = new Set<unknown>()
        return insist(
          () => update(visit, (data) => noted(thrown, () => change(data))),
          (error) => thrown.has(error),
        )
      },
    }
  }

  function storeDown(): CatamaranError {
    return new CatamaranError('E_STORE_DOWN', [store.name])
  }
}

interface Put {
  readonly before: string | undefined
  readonly after: string
  readonly seconds: number
}

interface Changed<T> {
  readonly after: string
  readonly seconds: number
  readonly result: T
}

/** The store's or ours; that a session has ended is no fault. */
function isFault(error: unknown): boolean {
  return !(error instanceof CatamaranError) || error.status >= 500
}

/** What an update's own function throws is for its action to handle. */
function noted<T>(thrown: Set<unknown>, run: () => T): T {
  try {
    return run()
  } catch (error) {
    thrown.add(error)
    throw error
  }
}
