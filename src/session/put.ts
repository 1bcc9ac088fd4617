/**
 * Puts a change of a session into the store: creates its record, or merges the change onto what others
 * stored meanwhile, wherever the record has moved to. A record that is gone stays gone.
 */
import { CatamaranError } from '../errors.ts'
import type { Ask } from './budget.ts'
import type { Endings } from './ending.ts'
import { mergeRecords } from './merge-records.ts'
import type { PublicFields } from './public-fields.ts'
import { checkSize, parseRecord } from './record.ts'
import type { Found, Rotation } from './rotation.ts'
import type { SessionSettings } from './settings.ts'
import type { SwapResult } from './store.ts'
import type { Typed } from './typed.ts'
import type { Visit } from './visit.ts'

/**
 * Tries before the request gives up with 503; with turns in the process one is nearly always enough. Where
 * many nodes write one session all the time, five fail a request two to four times as often as ten, and with
 * all pauses between them (`stepBack`) ten take a quarter of a second at most beside the store's own time.
 */
const mostRounds = 10

/** Two texts of one session object, taken at the same moment: without and with its changes. */
export interface Change {
  readonly base: string
  readonly mine: string
  /** **Seconds** the record lives. */
  readonly seconds: number
  /** Whether the record gets a new id along the way. */
  readonly rotate: boolean
}

/** What is stored now, and whether under the visit's own id. */
export interface Stored {
  readonly text: string
  readonly here: boolean
}

/** One text of the record in the place of another, and under which id. */
interface Swap {
  readonly at: string
  readonly before: string
  readonly after: string
}

export interface Putting {
  /** Stores a change; `undefined` when it was dropped. */
  put(visit: Visit, change: Change): Promise<Stored | undefined>
  /** The same at once, where the store is in this process and nothing has come between; `undefined` elsewhere. */
  putNow(visit: Visit, change: Change): Stored | undefined
}

interface Tools {
  readonly ask: Ask
  readonly endings: Endings
  readonly rotation: Rotation
  readonly publicFields: PublicFields | undefined
}

export function createPutting(
  settings: SessionSettings,
  { ask, endings, rotation, publicFields }: Tools,
): Putting {
  const { store, report, typed } = settings

  function putNow(visit: Visit, { base, mine, seconds, rotate }: Change): Stored | undefined {
    if (!store.swapNow || rotate) return undefined
    checkSize(mine, settings.maxBytes)
    const { id } = visit.identity
    if (!store.swapNow(id, base, mine, seconds)) return undefined
    publicFields?.stored(id, base, mine)
    return { text: mine, here: true }
  }

  async function put(visit: Visit, change: Change): Promise<Stored | undefined> {
    const { id } = visit.identity
    if (visit.base === undefined && (await create(visit, change))) {
      return { text: change.mine, here: true }
    }
    let found: Found = visit.base === undefined ? await firstOf(visit) : { id, text: visit.base }
    for (let round = 0; found.text !== undefined; round += 1) {
      if (round === mostRounds) throw new CatamaranError('E_SESSION_BUSY', [String(mostRounds)])
      const { id: at, text: before } = found
      const here = at === visit.identity.id
      const merged = mergeOnto(before, change)
      if (!merged) {
        report.dropped(id)
        return undefined
      }
      const result = await swap(visit, { at, before, after: merged.text }, change)
      if (result === 'done') {
        publicFields?.stored(here ? visit.identity.id : at, before, merged.text)
        if (merged.conflicts.length > 0) report.merged(at, merged.conflicts)
        return { text: merged.text, here }
      }
      if (round > 0) await stepBack(round)
      found = await rotation.follow(visit, { id: at, text: result.text })
    }
    report.dropped(id)
    if (found.id === id) endings.gone(visit, 'destroyed')
    return undefined
  }

  async function create(visit: Visit, { mine, seconds }: Change): Promise<boolean> {
    const { id } = visit.identity
    checkSize(mine, settings.maxBytes)
    const created = await ask(visit, () => store.create(id, mine, seconds))
    if (created) publicFields?.stored(id, undefined, mine)
    return created
  }

  /** Not async: most requests that write come through here, once. */
  function swap(
    visit: Visit,
    { at, before, after }: Swap,
    { rotate, seconds }: Change,
  ): Promise<SwapResult> {
    checkSize(after, settings.maxBytes)
    if (rotate && at === visit.identity.id) return rotation.move(visit, { before, after, seconds })
    return ask(visit, () => store.swap(at, before, after, seconds))
  }

  /** Without a base another event of the same socket stored it first, and may have rotated it since. */
  async function firstOf(visit: Visit): Promise<Found> {
    const { id } = visit.identity
    return rotation.follow(visit, { id, text: await ask(visit, () => store.read(id), 'read') })
  }

  function mergeOnto(theirs: string, { base, mine }: Change) {
    if (theirs === base) return { text: mine, conflicts: [] }
    const known = typed ? filled(theirs, typed) : theirs
    return mergeRecords({ base, mine, theirs: known }, settings)
  }

  return { put, putNow }
}

/** What others have stored, in the version and with the defaults the change stands on. */
function filled(text: string, typed: Typed): string {
  const record = parseRecord(text)
  return record ? JSON.stringify(typed.fill(record)) : text
}

/** Lost twice to other processes: who waits for a moment of its own does not meet them again. */
function stepBack(round: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * 4 * 2 ** Math.min(round, 3)))
}
