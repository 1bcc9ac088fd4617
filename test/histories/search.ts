/**
 * Looks for an order of a history's events that the model allows. Events of one client stay in their order,
 * and what ended before something else began comes first.
 */
import { type Event, next, type State } from './model.ts'

export interface History {
  readonly start: State
  /** Events by client, in the order they happened. */
  readonly clients: Readonly<Record<string, readonly Event[]>>
}

/** Whether the history could have come from one thing happening after the other. */
export function isSequential({ start, clients }: History): boolean {
  const lines = Object.values(clients)
  const tried = new Set<string>()

  function search(state: State, places: readonly number[]): boolean {
    const heads = places.map((place, line) => lines[line]?.[place])
    const soonest = Math.min(...heads.map((event) => event?.end ?? Number.POSITIVE_INFINITY))
    if (soonest === Number.POSITIVE_INFINITY) return true
    const key = `${places}${JSON.stringify([...state])}`
    if (tried.has(key)) return false
    tried.add(key)
    return heads.some((event, line) => {
      // Something else had ended before this began.
      if (!event || event.start > soonest) return false
      const further = places.with(line, (places[line] ?? 0) + 1)
      return next(state, event).some((after) => search(after, further))
    })
  }

  return search(
    start,
    lines.map(() => 0),
  )
}
