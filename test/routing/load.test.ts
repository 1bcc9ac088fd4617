import { describe, expect, it } from 'vitest'
import { loadRouting } from '../../src/routing/load.ts'
import { appFolder } from '../support/app-folder.ts'

const action = 'export default (req, res) => ({ ok: true })'

describe("an app's routing", () => {
  it('is a table of policies and actions, from files and configuration', async () => {
    const root = await appFolder({
      'api/controllers/account/me.ts': action,
      'api/controllers/Odd.ts': action,
      'api/policies/is-logged-in.ts': 'export default function guard(req, res, next) { next() }',
    })
    const config = { routes: { 'GET /me': 'account/me' }, policies: { '*': 'is-logged-in' } }

    const { router, notes } = await loadRouting(root, config)

    const found = router.match('GET', '/me')
    expect(found?.route).toMatchObject({ verb: 'GET', address: 'GET /me', target: 'account/me' })
    expect(found?.route.steps.map(({ name }) => name)).toEqual(['guard', 'default'])
    expect(notes).toHaveLength(1)
  })

  it('tells all broken files in one error', async () => {
    const root = await appFolder({
      'api/controllers/one.ts': 'const',
      'api/controllers/two.ts': 'export default 1',
      'api/policies/three.ts': 'export default 1',
    })

    const failure = loadRouting(root, { routes: { '/': 'one' }, policies: {} })

    await expect(failure).rejects.toMatchObject({ code: 'E_APP_FILES', status: 500 })
    await expect(failure).rejects.toThrow(/3 problems.*one\.ts.*→.*two\.ts.*three\.ts/s)
    await expect(failure).rejects.not.toThrow(/config\/routes|\n\s+at /)
  })

  it('tells all mistakes of routes and policies in one error', async () => {
    const root = await appFolder({ 'api/controllers/account/me.ts': action })
    const config = {
      routes: { 'GET /me': 'acount/me', 'GO /x': 'account/me' },
      policies: { x: true },
    }

    await expect(loadRouting(root, config)).rejects.toThrow(
      /3 problems.*policies · 'x'.*'GET \/me' · no action 'acount\/me'.*'account\/me'\?.*'GO \/x'/s,
    )
  })
})
