/**
 * Measures the way through a route: two policies and a returned value, beside the same handlers mounted by
 * hand in Express 5.
 */
import { alternate, type Counts, compared, loggedIn, type Measured } from './measure.ts'
import { type Helper, startHelper } from './process.ts'
import type { RouteOrder } from './route-server.ts'
import { sideOf } from './sides.ts'

/** The cells; `route` has nothing around the route but the same `session()`. */
export const routeCells = [
  { name: 'route', bare: true },
  { name: 'route-in-a-whole-app', bare: false },
] as const

/** Our CPU time per request over that by hand: no more than this. */
const target = 1.15

export async function measureRoute(
  { name, bare }: (typeof routeCells)[number],
  counts: Counts,
): Promise<Measured> {
  const helpers: Helper[] = []
  const start = async (file: string, order: RouteOrder | object) => {
    const helper = await startHelper(file, order)
    helpers.push(helper)
    return helper
  }
  try {
    const load = await start('./load.ts', {})
    const servers = [
      { side: 'ours', order: { by: 'us', bare } },
      { side: 'by hand', order: { by: 'hand', bare } },
    ] as const
    const runs = []
    for (const { side, order } of servers) {
      const server = await start('./route-server.ts', order satisfies RouteOrder)
      runs.push(await loggedIn(sideOf(side, server, load), '/me'))
    }
    const rounds = await alternate(runs, counts)
    const results = servers.map(({ side }, at) => ({
      side,
      ...compared(rounds, at),
      trips: undefined,
    }))
    return { name, store: 'memory', does: 'read', bytes: 0, target, results }
  } finally {
    await Promise.all(helpers.map((helper) => helper.close()))
  }
}
