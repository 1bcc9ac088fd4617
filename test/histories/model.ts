/**
 * The sequential model: what one session does when things happen one after the other. A history is right
 * when its events can be put in an order, each somewhere between its beginning and its end, in which this
 * model gives what they saw. It shares no code with the engine, its merge included.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Change, Data } from './program.ts'

interface Span {
  /** **Nanoseconds** of the machine's clock, which all processes share. */
  readonly start: number
  readonly end: number
  readonly id: string
}

/** A request opened the session its cookie names; `null`: there was none. */
export interface Opened extends Span {
  readonly kind: 'open'
  readonly saw: Data | null
}

/** Changes of a session that was read as `base` (`null`: new). */
interface Changing extends Span {
  /** When the base was asked for. */
  readonly since: number
  readonly base: Data | null
  readonly changes: readonly Change[]
  /** What the session showed afterwards. */
  readonly saw?: Data
}

/** A commit or `save()` brought changes. */
export interface Written extends Changing {
  readonly kind: 'write'
  /** `save()`: stores a new session even without data. */
  readonly force: boolean
}

/** `update(fn)` counted `n` one up; `saw` is what `fn` was given, `null` when it was refused. */
export interface Updated extends Span {
  readonly kind: 'update'
  readonly saw: Data | null
}

export interface Reloaded extends Span {
  readonly kind: 'reload'
  readonly saw: Data | null
}

/** Destroyed or regenerated, wherever it had moved. */
export interface Ended extends Span {
  readonly kind: 'end'
}

/** The life of what stood under this id was over. */
export interface Expired extends Span {
  readonly kind: 'expire'
}

/** Rotated: the data go on under `to`; who is under way follows, who comes finds nothing. */
export interface Moved extends Changing {
  readonly kind: 'move'
  readonly to: string
}

export type Event = Opened | Written | Updated | Reloaded | Ended | Expired | Moved

/** The way to where an id went; once that is over, only a process that remembers it still knows. */
interface Way {
  readonly to: string
  readonly over?: true
}

/** What is known of an id: its data, that it has ended, or where it went. Ids not seen yet are missing. */
export type Place = { readonly data: Data } | Way | 'ended'
export type State = ReadonlyMap<string, Place>

/**
 * The states an event may leave; none when it cannot have happened in this state. What changes something under
 * an id whose way is over may follow it still: its process may remember.
 */
export function next(state: State, event: Event): readonly State[] {
  const after = step(state, event)
  const plain = after ? [after] : []
  const { id } = find(state, event.id)
  const place = state.get(id)
  const isOver = typeof place === 'object' && 'over' in place
  if (!isOver || !['end', 'write', 'update'].includes(event.kind)) return plain
  return [...plain, ...next(new Map(state).set(id, { to: place.to }), event)]
}

function step(state: State, event: Event): State | undefined {
  const { id, data } = find(state, event.id)
  const isHere = id === event.id
  const put = (place: Place): State => new Map(state).set(id, place)
  switch (event.kind) {
    case 'open':
      // Who comes with an id that has moved is a stranger.
      return isDeepStrictEqual(event.saw, isHere ? data : null) ? state : undefined
    case 'reload':
      return isDeepStrictEqual(event.saw, isHere ? data : null) ? state : undefined
    case 'end':
      return put('ended')
    case 'expire':
      return new Map(state).set(event.id, over(state.get(event.id)))
    case 'move':
      return isHere ? moved({ state, data, isHere, put }, event) : undefined
    case 'update':
      return updated({ state, data, isHere, put }, event)
    case 'write':
      return written({ state, data, isHere, put }, event)
  }
}

interface Found {
  readonly state: State
  readonly data: Data | null
  /** Whether it still stands under the id the request came with. */
  readonly isHere: boolean
  put(place: Place): State
}

function updated({ state, data, put }: Found, { id, saw }: Updated): State | undefined {
  const isNew = !state.has(id)
  if (saw === null) return data || isNew ? undefined : state
  if (!isNew && !isDeepStrictEqual(saw, data)) return undefined
  return put({ data: counted(saw) })
}

function moved({ data, put }: Found, event: Moved): State | undefined {
  if (!data) return undefined
  const after = merged(data, event.base ?? {}, event.changes)
  if (!isDeepStrictEqual(event.saw, after)) return undefined
  return new Map(put({ to: event.to })).set(event.to, { data: after })
}

function written({ state, data, isHere, put }: Found, event: Written): State | undefined {
  if (event.base === null && !state.has(event.id)) {
    const created = merged({}, {}, event.changes)
    return event.force || Object.keys(created).length > 0 ? put({ data: created }) : state
  }
  // Gone: the late writer's changes are dropped, and what it sees is its own.
  if (!data) return state
  const after = merged(data, event.base ?? {}, event.changes)
  // What it has moved to is not for who came with the old id.
  const isSeen = !event.saw || !isHere || isDeepStrictEqual(event.saw, after)
  return isSeen ? put({ data: after }) : undefined
}

function find(state: State, id: string): { id: string; data: Data | null } {
  const place = state.get(id)
  if (place === undefined || place === 'ended' || 'over' in place) return { id, data: null }
  return 'to' in place ? find(state, place.to) : { id, data: place.data }
}

function over(place: Place | undefined): Place {
  return typeof place === 'object' && 'to' in place ? { to: place.to, over: true } : 'ended'
}

/** What `update` makes of the data. */
export function counted(data: Data): Data {
  return { ...data, n: Number(data['n'] ?? 0) + 1 }
}

/**
 * Changes of a request that had read `base`, onto what is stored. What was there for the request and is
 * there no more was deleted by another one, and stays deleted.
 */
export function merged(stored: Data, base: Data, changes: readonly Change[]): Data {
  let data = stored
  for (const change of changes) data = mergedOne(data, base, change)
  return data
}

function mergedOne(data: Data, base: Data, change: Change): Data {
  const [name = '', below] = change.path.split('.')
  const isThere = Object.hasOwn(data, name)
  if (Object.hasOwn(base, name) && !isThere) return data
  if (below === undefined) return changed(data, base, change)
  if (change.do === 'delete' && !isThere) return data
  const inside = { ...change, path: below }
  return { ...data, [name]: changed(objectIn(data, name), objectIn(base, name), inside) }
}

function changed(data: Data, base: Data, { do: what, path, value }: Change): Data {
  const wasThere = Object.hasOwn(base, path)
  const { [path]: _, ...others } = data
  if (what === 'delete') return wasThere ? others : data
  return wasThere && !Object.hasOwn(data, path) ? data : { ...data, [path]: value }
}

function objectIn(data: Data, name: string): Data {
  return (data[name] ?? {}) as Data
}

/** The changes that are still some when what is stored was read again. */
export function stillOpen(changes: readonly Change[], base: Data, stored: Data): Change[] {
  return changes.filter((change) => !isDeepStrictEqual(merged(stored, base, [change]), stored))
}
