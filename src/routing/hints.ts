/**
 * What a developer is told of answers: of one that never comes, and of a value that comes too late to be one.
 * Once for each route, not in production. One timer watches over all that are awaited.
 */
import type { Response } from 'express'
import type { Route } from './routes.ts'

/** Tells a developer of an action that ended without an answer, or that returned a value after it. */
export type Hint = (
  kind: 'silent' | 'lost',
  route: Route,
  res: Response,
  /** Whether what was silent has gone on by `next` since. */
  hasMoved?: () => boolean,
) => void

/** Answers that are awaited at a time; more of them would only fill the memory. */
const mostAwaited = 1_000

/** **Seconds** after which nobody reckons with an answer any more; twice as many at most. */
const patience = 5

interface Awaited {
  readonly route: Route
  readonly res: Response
  readonly hasMoved: (() => boolean) | undefined
}

export function createHints(warn: (message: string) => void): Hint {
  const told = new Set<Route>()
  let older: Awaited[] = []
  let newer: Awaited[] = []
  let watching = false

  function tell(route: Route, words: string): void {
    if (!told.has(route)) warn(`'${route.address}' (${route.target}) ${words}`)
    told.add(route)
  }

  function look(): void {
    for (const { route, res, hasMoved } of older) {
      if (res.headersSent || res.closed || hasMoved?.()) continue
      tell(
        route,
        `ended ${patience} s ago and has not answered: return a value, call res.json(…), or next() in a policy`,
      )
    }
    older = newer
    newer = []
    watching = false
    if (older.length > 0) watch()
  }

  function watch(): void {
    if (!watching) setTimeout(look, patience * 1000).unref()
    watching = true
  }

  return (kind, route, res, hasMoved) => {
    if (kind === 'lost') {
      tell(route, 'returned a value after it had answered by res: the value is lost')
    } else if (!told.has(route) && newer.length < mostAwaited) {
      newer.push({ route, res, hasMoved })
      watch()
    }
  }
}
