/**
 * Moves a session from one store to another while both are in use: whoever moves it, and however many do
 * so at a time, it is in the new store once, and one that was ended stays so.
 *
 * The record is created in the new store first, then replaced in the old one by a note. Who ends a session
 * that may be under way leaves the same note in the new store, where a late mover can't create it then.
 */
import { CatamaranError } from '../../errors.ts'
import type { JsonObject } from '../merge.ts'
import { parseRecord } from '../record.ts'
import type { SessionStore } from '../store.ts'

/** **Seconds** a note lives: far longer than anybody may take to move a session. */
export const noteLife = 30

/** **Milliseconds** after which a mover gives up rather than create what may have been ended. */
const patience = 5_000

/** Readers of others find a session without data in it. */
const note =
  '{"cookie":{"originalMaxAge":null,"path":"/","httpOnly":true},"_catamaran":{"moved":true}}'

/** Rounds against somebody who changes the old record at the same time. */
const rounds = 5

export interface Route {
  readonly from: SessionStore
  readonly to: SessionStore
  /** **Seconds** a session lives on whose old store can't tell. */
  lifeOf(record: JsonObject | undefined): number
}

/** What became of a session that was to be moved; `text` is what is stored under its id now. */
export interface Moved {
  readonly outcome: 'moved' | 'there' | 'gone' | 'unreadable'
  readonly text: string | undefined
}

/** Whether a text is no session but the note that there was one. */
export function isNote(text: string | undefined): boolean {
  if (!text?.includes('"moved"')) return false
  const kept = parseRecord(text)?.['_catamaran']
  return typeof kept === 'object' && kept !== null && Reflect.get(kept, 'moved') === true
}

/**
 * Moves the session `id`, with what is left of its life. What exists in the new store is never overwritten.
 *
 * @throws {CatamaranError} `E_PREVIOUS_DOWN` when it took too long to be sure, and what the stores throw
 */
export async function move(id: string, { from, to, lifeOf }: Route): Promise<Moved> {
  const started = performance.now()
  const text = await from.read(id)
  if (text === undefined) return { outcome: 'gone', text: undefined }
  if (isNote(text)) return there(to, id)
  const record = parseRecord(text)
  if (!record) return { outcome: 'unreadable', text }
  if (await isKeyIn(to, id)) return { outcome: 'gone', text: undefined }
  const left = from.secondsLeft ? await from.secondsLeft(id) : lifeOf(record)
  if (left === undefined) return { outcome: 'gone', text: undefined }
  const seconds = Number.isFinite(left) ? Math.max(1, left) : lifeOf(record)
  if (performance.now() - started > patience)
    throw new CatamaranError('E_PREVIOUS_DOWN', [from.name])
  if (!(await to.create(id, text, seconds))) return there(to, id)
  return leave(id, { from, to, seconds, text })
}

/** Ends a session in a store where somebody may be about to create it; gives the text it had. */
export async function endForGood(store: SessionStore, id: string): Promise<string | undefined> {
  let text: string | undefined
  while (!(await store.create(id, note, noteLife))) {
    text = await store.read(id)
    if (text === undefined) continue
    if (isNote(text)) return undefined
    if ((await store.swap(id, text, note, noteLife)) === 'done') return text
  }
  return undefined
}

/** Begins a session anew where the note of an ended one lies. */
export async function replaceNote(
  store: SessionStore,
  id: string,
  [text, ttl]: readonly [string, number],
): Promise<boolean> {
  const stored = await store.read(id)
  if (stored === undefined || !isNote(stored)) return false
  return (await store.swap(id, stored, text, ttl)) === 'done'
}

/**
 * Whether an id is the hash under which the new store keeps a session: where one place holds both plain and
 * hashed ids, a hash must not pass for an id.
 */
async function isKeyIn(to: SessionStore, id: string): Promise<boolean> {
  return /^[0-9a-f]{64}$/.test(id) && (await to.byKey?.read(id)) !== undefined
}

async function there(to: SessionStore, id: string): Promise<Moved> {
  const text = await to.read(id)
  if (text === undefined || isNote(text)) return { outcome: 'gone', text: undefined }
  return { outcome: 'there', text }
}

interface Leaving {
  readonly from: SessionStore
  readonly to: SessionStore
  readonly seconds: number
  readonly text: string
}

/** Puts the note into the old store; what was changed there meanwhile comes along. */
async function leave(id: string, { from, to, seconds, text }: Leaving): Promise<Moved> {
  let known = text
  for (let round = 0; round < rounds; round += 1) {
    const result = await from.swap(id, known, note, noteLife)
    if (result === 'done') break
    if (result.text === undefined) {
      // It was ended there while we moved it.
      await endForGood(to, id)
      return { outcome: 'gone', text: undefined }
    }
    if (isNote(result.text)) break
    await to.swap(id, known, result.text, seconds)
    known = result.text
  }
  return { outcome: 'moved', text: known }
}
