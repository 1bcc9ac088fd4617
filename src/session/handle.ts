/**
 * What an action can do with its session beside changing it: save, reload, regenerate, destroy, touch and
 * the atomic update. session.ts gives these to actions.
 */
import { CatamaranError } from '../errors.ts'
import type { Committer, Tools } from './committer.ts'
import { addFlash, takeFlash as takeFrom } from './flash.ts'
import { createdOf, keptField, keptOf } from './kept.ts'
import { heirOf } from './marker.ts'
import type { Json, JsonObject } from './merge.ts'
import { isLiving, parseRecord } from './record.ts'
import { type Handle, Session } from './session.ts'
import type { SessionSettings } from './settings.ts'
import { type Content, createAmend, type Outcome } from './update.ts'
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
  tools: HandleTools,
): (visit: Visit) => Handle {
  const { store, life } = settings
  const { ask, endings, rotation, committer, begin, fresh } = tools
  const amend = createAmend(settings, tools)

  async function reload(visit: Visit): Promise<void> {
    const { identity } = visit
    const text = await ask(visit, () => store.read(identity.id), 'read')
    const record = text === undefined ? undefined : parseRecord(text)
    if (record && isLiving(record, life)) {
      visit.base = text
      begin(visit, { value: record })
      return
    }
    if (identity.stored && !identity.moved) {
      const isRotated = text !== undefined && heirOf(text, identity.id)
      endings.gone(visit, isRotated ? 'rotated' : 'expired')
    }
    throw settings.express ? new Error('failed to load session') : ended()
  }

  async function regenerate(visit: Visit): Promise<void> {
    if (visit.owner && !visit.renewable) {
      // This client can't change its cookie: the id stays, the data goes.
      begin(visit)
      return
    }
    await endings.remove(visit, 'regenerated')
    visit.identity = fresh(visit.request)
    visit.base = undefined
    begin(visit)
    if (visit.owner) settings.report.moved?.(visit.owner, visit.identity, 'regenerated')
  }

  async function destroy(visit: Visit): Promise<void> {
    delete visit.request.session
    await endings.remove(visit, 'destroyed')
  }

  function touch(visit: Visit): void {
    visit.renew = true
    const { session } = visit.request
    if (session) life.renewCookie(session.cookie, createdOf(session))
  }

  function update<T>(visit: Visit, change: Change<T>): Promise<T> {
    return amend(visit, ({ data, kept }) => {
      const result = change(data)
      if (result instanceof Promise) {
        result.catch(() => {})
        throw new CatamaranError('E_SESSION_UPDATE')
      }
      return { after: { data, kept }, result }
    })
  }

  async function rotate(visit: Visit): Promise<void> {
    const { identity, request } = visit
    if (!request.session || (identity.ended && !identity.moved)) throw ended()
    // Another request has just done it: what this one sets goes to the new id, too.
    if (identity.moved || !rotation.isPossible(visit)) return
    if (!identity.stored) return rotation.renew(visit)
    await committer.rotate(visit, request.session)
    if (identity.ended && !identity.moved) throw ended()
  }

  async function takeFlash(visit: Visit, name: string): Promise<unknown[]> {
    const messages = () => visit.request.session?.[keptField]
    if (takeFrom(messages(), name).values.length === 0) return []
    const stored = visit.identity.stored ? await amend(visit, (now) => takeStored(now, name)) : []
    // What this request has left itself is not stored yet.
    const known = visit.base === undefined ? undefined : keptOf(parseRecord(visit.base))?.flash
    const own = takeFrom(messages(), name, known)
    if (visit.request.session) Session.keep(visit.request.session, own.kept)
    return [...stored, ...own.values]
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
      rotate: () => insist(() => rotate(visit)),
      regenerate: () => insist(() => regenerate(visit)),
      destroy: () => insist(() => destroy(visit)),
      touch: () => touch(visit),
      now: life.now,
      update(change) {
        const thrown = new Set<unknown>()
        return insist(
          () => update(visit, (data) => noted(thrown, () => change(data))),
          (error) => thrown.has(error),
        )
      },
      flash(name, value) {
        if (visit.request.session) addFlash(visit.request.session, name, value)
      },
      takeFlash: (name) => insist(() => takeFlash(visit, name)),
    }
  }

  function storeDown(): CatamaranError {
    return new CatamaranError('E_STORE_DOWN', [store.name])
  }
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

function takeStored({ data, kept }: Content, name: string): Outcome<Json[]> {
  const { values, kept: left } = takeFrom(kept, name)
  return values.length === 0 ? { result: [] } : { after: { data, kept: left }, result: values }
}

function ended(): CatamaranError {
  return new CatamaranError('E_SESSION_ENDED')
}
