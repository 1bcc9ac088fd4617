/** Routes compiled for one test, and what a request finds in them. */
import { expect } from 'vitest'
import { compileRoutes, type Router } from '../../src/routing/routes.ts'

/** An app without responses of its own, and without pages. */
export const noMore = { responses: new Map<string, unknown>(), hasViews: false }

/** Routes that each lead to an action of its own: `{ 'GET /x': 'x' }`. */
export function compile(routes: Record<string, unknown>) {
  const names = Object.values(routes).filter((target) => typeof target === 'string')
  const actions = new Map(names.map((name) => [name, () => name]))
  return compileRoutes({ routes, actions, policies: new Map(), stepsFor: () => [], ...noMore })
}

/** The table of routes that have no mistake. */
export function routerOf(routes: Record<string, unknown>): Router {
  const { router, problems } = compile(routes)
  expect(problems).toEqual([])
  return router
}

/** What the route found leads to. */
export const target = (router: Router, verb: string, path: string) =>
  router.match(verb, path)?.route.target
/** The parameters found. */
export const params = (router: Router, path: string) => ({ ...router.match('GET', path)?.params })
