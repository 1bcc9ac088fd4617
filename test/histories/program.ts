/**
 * Programs: what several clients of one session do, made from a seed. Each is short; a checker runs many.
 */

/** What a session holds. Objects one level deep are enough to meet every rule of the merge. */
export type Data = Readonly<Record<string, unknown>>

export interface Change {
  readonly do: 'set' | 'delete'
  /** `a`, or `o.x`: one below the other. */
  readonly path: string
  /** Never the same twice within one history, so that a value names its writer. */
  readonly value?: number
}

/** One thing an action does with its session; `expire` is done by time, behind its back. */
export type Step =
  | Change
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'update' | 'save' | 'reload' | 'touch' }
  | { readonly do: 'rotate' | 'regenerate' | 'destroy' | 'expire' }

/** The steps of one request. */
export type Visit = readonly Step[]

export interface Program {
  readonly seed: number
  /** What the session holds when the clients begin. */
  readonly start: Data
  /** Each client makes its visits one after the other, all clients at once. */
  readonly clients: readonly (readonly Visit[])[]
}

/** A number from 0 up to, not including, `below`. */
type Pick = (below: number) => number

/** The same numbers for the same seed: mulberry32, public domain. */
export function createPick(seed: number): Pick {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const paths = ['a', 'b', 'o.x', 'o.y'] as const

/** A random program of two to four clients with up to three visits each. */
export function createProgram(seed: number): Program {
  const pick = createPick(seed)
  let value = 0
  const next = () => ++value

  const start: Record<string, unknown> = { user: 'ada' }
  if (pick(2)) start['a'] = next()
  if (pick(2)) start['o'] = pick(2) ? { x: next(), y: next() } : { x: next() }
  const visits = () => times(1 + pick(3), () => createVisit(pick, next))
  return { seed, start, clients: times(2 + pick(3), visits) }
}

/** A program in which each client only sets a key of its own, all at the same time. */
export function createParallelSets(seed: number, clients = 6): Program {
  const pick = createPick(seed)
  const visit = (index: number): Visit => [
    { do: 'wait', ms: 1 + pick(3) },
    { do: 'set', path: `own${index}`, value: index },
  ]
  return {
    seed,
    start: { user: 'ada' },
    clients: times(clients, (_, index) => [visit(index)]),
  }
}

function createVisit(pick: Pick, next: () => number): Visit {
  const steps: Step[] = []
  const left = new Set<string>(paths)
  for (let count = pick(3); count > 0; count -= 1) {
    maybeWait(pick, steps)
    steps.push(createStep(pick, next, left))
  }
  maybeWait(pick, steps)
  const last = pick(24)
  if (last < 2) steps.push({ do: 'destroy' })
  if (last === 2) steps.push({ do: 'expire' })
  return steps
}

function maybeWait(pick: Pick, steps: Step[]): void {
  if (pick(2)) steps.push({ do: 'wait', ms: pick(4) })
}

/** Changes take paths that this visit has not touched: what they do to each other is no question. */
function createStep(pick: Pick, next: () => number, left: Set<string>): Step {
  const kind = pick(20)
  if (kind === 0) return { do: 'touch' }
  if (kind === 1) return { do: 'save' }
  if (kind === 2) return { do: 'reload' }
  if (kind === 3) return { do: 'regenerate' }
  if (kind === 4) return { do: 'rotate' }
  if (kind < 8) return { do: 'update' }
  const free = [...left]
  const path = free[pick(free.length || 1)]
  if (path === undefined) return { do: 'update' }
  left.delete(path)
  if (kind < 14) return { do: 'set', path, value: next() }
  if (path.startsWith('o.') && pick(2) && left.has('o.x') !== left.has('o.y')) {
    for (const name of ['o.x', 'o.y']) left.delete(name)
    return { do: 'delete', path: 'o' }
  }
  return { do: 'delete', path }
}

function times<T>(count: number, make: (_: undefined, index: number) => T): T[] {
  return Array.from({ length: count }, make)
}
