/**
 * Reads a session's record: what may be shown of it, and whether its life was renewed along the way. Of
 * what can't be read the log is told once.
 */
import type { Ask } from './budget.ts'
import { keptOf, timeOf } from './kept.ts'
import { copyOf, type Known, type KnownTexts } from './known.ts'
import { heirOf, nobody } from './marker.ts'
import type { JsonObject } from './merge.ts'
import { isLiving, isSealed, parseRecord, refuseCookieless } from './record.ts'
import type { Rotation } from './rotation.ts'
import type { SessionSettings } from './settings.ts'

/** A session that is stored. */
export interface Loaded {
  readonly text: string
  readonly known: Known
  /** What it says, to be changed at will. */
  readonly value: JsonObject
  /** When its life ended as last known here, before this read renewed it. */
  readonly end: number | undefined
  readonly renewed: boolean
}

/** A record as it was read, of which the end of its life may not be known. */
export type Found = Pick<Loaded, 'value'> & Partial<Pick<Loaded, 'known' | 'end'>>

/** Why there is nothing to show: unknown or over, rotated to another id, or ended a moment ago. */
export type Absent = 'expired' | 'rotated' | 'ended'

export interface Loader {
  /** @param activity - `false`: the life is not renewed along the way */
  load(spent: { waited: number }, id: string, activity?: boolean): Promise<Loaded | Absent>
  /** The same at once; `undefined` where it takes a wait, or nothing can be shown. */
  loadNow(id: string, activity?: boolean): Loaded | undefined
  /** **Seconds** of life that are left: 0 when there is no such session, `undefined` when the store can't tell. */
  secondsLeft(id: string): Promise<number | undefined>
}

interface Tools {
  readonly ask: Ask
  readonly known: KnownTexts
  readonly rotation: Pick<Rotation, 'shorten'>
}

export function createLoader(
  { store, life, report, express }: SessionSettings,
  { ask, known: texts, rotation }: Tools,
): Loader {
  const unreadable = new Set<string>()

  /** Renews the life in the same round trip where that is due, and the store is no file. */
  async function load(
    spent: { waited: number },
    id: string,
    activity = true,
  ): Promise<Loaded | Absent> {
    // A file that takes no writes can be read: its lives are renewed apart, at the commit.
    const renew = activity && store.reach !== 'machine' ? life.dueAtRead(id) : undefined
    const end = life.endOf(id)
    const text = await ask(spent, () => store.read(id, renew), 'read')
    if (text === undefined) return 'expired'
    const loaded = found(id, { text, end, renew })
    const isRenewed = renew !== undefined && typeof loaded === 'string'
    if (isRenewed) await rotation.shorten(spent, { id, text })
    return loaded
  }

  function loadNow(id: string, activity = true): Loaded | undefined {
    if (!store.readNow) return undefined
    const renew = activity ? life.dueAtRead(id) : undefined
    const end = life.endOf(id)
    const text = store.readNow(id, renew)
    if (typeof text !== 'string') return undefined
    const loaded = found(id, { text, end, renew })
    return typeof loaded === 'string' ? undefined : loaded
  }

  function found(
    id: string,
    { text, end, renew }: Pick<Loaded, 'text' | 'end'> & { renew: number | undefined },
  ): Loaded | Absent {
    const known = texts.read(id, text)
    if (!known || (!express && isSealed(known.record))) {
      if (!unreadable.has(id)) report.unreadable(id)
      unreadable.add(id)
      return 'expired'
    }
    const { record } = known
    if (express) refuseCookieless(record)
    if (!isLiving(record, life)) return absence(heirOf(text, id))
    if (renew !== undefined) life.renewed(id, renew, timeOf(keptOf(record)?.created))
    return { text, known, value: copyOf(record), end, renewed: renew !== undefined }
  }

  function absence(heir: string | undefined): Absent {
    if (heir === undefined) return 'expired'
    return heir === nobody ? 'ended' : 'rotated'
  }

  async function secondsLeft(id: string): Promise<number | undefined> {
    const text = await ask({ waited: 0 }, () => store.read(id), 'read')
    const value = text === undefined ? undefined : parseRecord(text)
    // What can't be read ends with its life.
    if (text === undefined || (value && !isLiving(value, life))) return 0
    if (!store.secondsLeft) return undefined
    return (await ask({ waited: 0 }, async () => store.secondsLeft?.(id), 'read')) ?? 0
  }

  return { load, loadNow, secondsLeft }
}
