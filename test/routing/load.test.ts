import { describe, expect, it } from 'vitest'
import { loadRouting } from '../../src/routing/load.ts'
import { appFolder, liftFiles } from '../support/lift-files.ts'

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

describe('helpers, services and models', () => {
  const files = {
    'api/models/sailor.ts': `export interface Sailor { readonly name: string }
      const all: readonly Sailor[] = [{ name: 'ada' }]
      export function findSailor(name: string) { return all.find((sailor) => sailor.name === name) }`,
    'api/services/log-book.ts': `import { findSailor } from '../models/sailor.ts'
      export async function entryOf(name: string) { return findSailor(name)?.name ?? 'nobody' }`,
    'api/helpers/greet.ts': "export default (name: string) => 'Ahoy, ' + name + '!'",
    'api/helpers/idle.ts': "throw new Error('nobody imports this')",
    'api/controllers/greet.ts': `import greet from '../helpers/greet.ts'
      import { entryOf } from '../services/log-book.ts'
      export default async (req) => ({ said: greet(await entryOf(req.query.name)) })`,
  }
  const routes = { 'GET /greet': 'greet' }

  it('are imported by those who need them', async () => {
    const visitor = (await liftFiles(files, { routes })).browser()

    const answers = [
      await visitor.get('/greet?name=ada'),
      await visitor.emit('GET /greet?name=ada'),
    ]

    for (const { body } of answers) expect(body).toEqual({ said: 'Ahoy, ada!' })
  })

  it('are no actions, are loaded by nobody else, and are not warned of', async () => {
    const root = await appFolder(files)

    const { router, notes } = await loadRouting(root, { routes, policies: {} })
    const routed = loadRouting(root, { routes: { 'GET /x': 'helpers/greet' }, policies: {} })

    expect(router.routes.map(({ address }) => address)).toEqual(['GET /greet'])
    expect(notes).toEqual([])
    await expect(routed).rejects.toThrow(/no action 'helpers\/greet'/)
  })
})
