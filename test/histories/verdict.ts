/**
 * Judges a history. The search says whether it is right; for one that is not, simple rules say in which way,
 * so that people see at once what they lost.
 */
import type { PlayedHistory } from './crew.ts'
import type { Event, Moved, Opened, Written } from './model.ts'
import type { Data } from './program.ts'
import { isSequential } from './search.ts'

export interface Verdict {
  readonly right: boolean
  /** Acknowledged changes that the last reads do not show although nothing came after them. */
  readonly lost: readonly string[]
  /** Data seen under an id whose end had been acknowledged. */
  readonly resurrected: readonly string[]
  /** Reads after an acknowledged change that do not show it. */
  readonly stale: readonly string[]
}

export function judge(history: PlayedHistory): Verdict {
  const right = history.faults.length === 0 && isSequential(history)
  if (right) return { right, lost: [], resurrected: [], stale: [] }
  const all = Object.entries(history.clients)
  const lineOf = createLines(all.flatMap(([, events]) => events))
  const told = all.flatMap(([client, events]) =>
    events.flatMap((event) => (event.kind === 'open' && event.saw ? [{ client, ...event }] : [])),
  )
  const wrong = told.map((opened) => ({ ...opened, missed: missed(history, opened, lineOf) }))
  const isLast = ({ client }: { client: string }) => client.startsWith('end')
  return {
    right,
    lost: wrong.filter(isLast).flatMap(({ missed }) => missed),
    resurrected: told.filter((opened) => isOver(all, opened)).map(({ client }) => client),
    stale: wrong.filter((one) => !isLast(one)).flatMap(({ missed }) => missed),
  }
}

/** Ids of one session: a rotation gives it another one. */
function createLines(events: readonly Event[]): (id: string) => string {
  const before = new Map(
    events.flatMap((event) => (event.kind === 'move' ? [[event.to, event.id] as const] : [])),
  )
  const lineOf = (id: string): string => {
    const earlier = before.get(id)
    return earlier === undefined ? id : lineOf(earlier)
  }
  return lineOf
}

/** After these an id gives nothing any more. */
const ends: readonly Event['kind'][] = ['end', 'expire', 'move']

function isOver(all: readonly (readonly [string, readonly Event[]])[], opened: Opened): boolean {
  return all.some(([, events]) =>
    events.some(
      ({ kind, id, end }) => ends.includes(kind) && id === opened.id && end < opened.start,
    ),
  )
}

/** A value that a path had for some time. */
interface Value {
  readonly value: unknown
  /** From when it may have been there. */
  readonly from: number
  /** From when it was there for sure, if nothing replaced it. */
  readonly sure: number
}

/** The paths where a read shows a value that something acknowledged before it had replaced. */
function missed(
  { start, clients }: PlayedHistory,
  opened: Opened,
  lineOf: (id: string) => string,
): string[] {
  const line = lineOf(opened.id)
  const written = Object.values(clients)
    .flat()
    .filter(
      (event): event is Written | Moved =>
        (event.kind === 'write' || event.kind === 'move') && lineOf(event.id) === line,
    )
  const first = start.get(line)
  const begun = first !== undefined && first !== 'ended' && 'data' in first ? first.data : {}
  const paths = new Set(written.flatMap(({ changes }) => changes.map(({ path }) => path)))
  return [...paths].filter((path) => {
    const values: Value[] = written.flatMap(({ changes, since, end }) =>
      changes
        .filter((change) => change.path === path || path.startsWith(`${change.path}.`))
        .map((change) => ({
          value: change.do === 'set' ? change.value : undefined,
          from: since,
          sure: end,
        })),
    )
    values.push({ value: valueAt(begun, path), from: -1, sure: -1 })
    const possible = values.filter(
      (one) =>
        one.from < opened.end &&
        !values.some((later) => one.sure < later.from && later.sure < opened.start),
    )
    const seen = valueAt(opened.saw ?? {}, path)
    return typeof seen !== 'object' && !possible.some(({ value }) => value === seen)
  })
}

function valueAt(data: Data, path: string): unknown {
  const [name = '', below] = path.split('.')
  const value = data[name]
  return below === undefined ? value : (value as Data | undefined)?.[below]
}
