/**
 * A request's session as `sess` gives it: the row itself, with methods of its own. Loads, merges and stores
 * it; when its answer leaves is sess.ts's business.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { equal, type JsonObject, merge } from '../session/merge.ts'
import {
  isConflict,
  type ModelerCollection,
  type ModelerRow,
  type ModelerRows,
} from '../session/stores/modeler-collection.ts'
import type { InTurn } from '../session/turns.ts'
import { createSessId } from './sess-cookie.ts'
import { decode, encode } from './sess-values.ts'

export type SessRequest = IncomingMessage & { session?: object | null; sessionID?: string }

/** What all visits of one `sess()` share. */
export interface SessGround {
  readonly collection: ModelerCollection
  readonly rows: ModelerRows
  readonly inTurn: InTurn
}

export interface SessVisit {
  readonly req: SessRequest
  readonly res: ServerResponse
  /** Over plain http a secure session is neither stored nor sent. */
  readonly mayKeep: boolean
  /** The session as it is stored, or as it was made. */
  base: string
  /** Whether a row is stored under its id. */
  stored: boolean
  /** The revision it had when it was put on the request. */
  firstRev: number
  /** Whether this request has stored it. */
  wrote: boolean
  /** The cookie was asked for. */
  touched: boolean
  /** Work that an action may not have awaited. */
  readonly pending: Promise<unknown>[]
  /** What failed and nobody was told of; it fails the answer. */
  fault: unknown
}

/** Tries of one write against others who write the same row. */
const rounds = 50
/** What the row tells of itself; never merged. */
const own = ['id', 'rev', 'created', 'updated']

/** Puts a stored row, or a new one, on the request. */
export function show(visit: SessVisit, row: ModelerRow, methods: object, stored: boolean): void {
  visit.base = encode(row)
  visit.stored = stored
  visit.firstRev = Number(row.rev ?? 0)
  visit.wrote = false
  visit.req.session = Object.setPrototypeOf(decode(visit.base), methods)
  visit.req.sessionID = row.id
}

/** A row that nobody has stored; `id` is given where a stored one is gone. */
export function freshRow({ collection }: SessGround, id = createSessId()): ModelerRow {
  return { ...collection.create({ id }), id }
}

/** Whether the session differs from what is stored; the order of its keys does not count. */
export function isChanged({ req: { session }, base }: SessVisit): boolean {
  if (!session) return false
  const now = encode(session)
  return now !== base && !equal(JSON.parse(now), JSON.parse(base))
}

/** Stores what changed, merged onto what others have stored meanwhile. A row that is gone stays gone. */
export async function keep(ground: SessGround, visit: SessVisit): Promise<void> {
  const { session } = visit.req
  if (!session || !visit.mayKeep || !isChanged(visit)) return
  const { id } = decode(visit.base)
  await ground.inTurn(String(id), () => write(ground, visit, session))
}

async function write({ rows }: SessGround, visit: SessVisit, session: object): Promise<void> {
  for (let round = 1; ; round += 1) {
    const base = JSON.parse(visit.base)
    const theirs = visit.stored ? await rows.load(String(base.id)) : undefined
    // Destroyed meanwhile: what came late is dropped.
    if (visit.stored && !theirs) return
    const sent = encode(session)
    const mine = JSON.parse(sent)
    const merged = theirs ? mergeRows({ base, mine, theirs: JSON.parse(encode(theirs)) }) : mine
    try {
      const saved = await rows.save(decode(JSON.stringify(merged)) as ModelerRow)
      adopt(visit, session, { sent: mine, saved: encode(saved) })
      return
    } catch (error) {
      if (!isConflict(error) || round === rounds) throw error
      visit.stored = true
    }
  }
}

function mergeRows(sides: { base: JsonObject; mine: JsonObject; theirs: JsonObject }): JsonObject {
  const { theirs } = sides
  const kept = Object.fromEntries(own.flatMap((key) => (key in theirs ? [[key, theirs[key]]] : [])))
  return { ...merge(sides).value, ...kept } as JsonObject
}

/** Shows in the session what was stored; what changed while it was on its way stays changed. */
function adopt(
  visit: SessVisit,
  session: object,
  { sent, saved }: { sent: JsonObject; saved: string },
): void {
  const now = JSON.parse(encode(session))
  const value = merge({ base: sent, mine: now, theirs: JSON.parse(saved) }).value
  const shown = decode(JSON.stringify(value))
  for (const key of Object.keys(session)) {
    if (!Object.hasOwn(shown, key)) Reflect.deleteProperty(session, key)
  }
  for (const [key, item] of Object.entries(shown)) {
    const isSame = Object.hasOwn(now, key) && equal(now[key] as never, value[key] as never)
    if (!isSame) Object.defineProperty(session, key, dataProperty(item))
  }
  visit.base = saved
  visit.stored = true
  visit.wrote = true
}

function dataProperty(value: unknown): PropertyDescriptor {
  return { value, enumerable: true, writable: true, configurable: true }
}
