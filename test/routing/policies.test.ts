import type { Request, Response } from 'express'
import { describe, expect, it } from 'vitest'
import type { Handler } from '../../src/routing/handler.ts'
import { compilePolicies, loadPolicies, type PolicyRules } from '../../src/routing/policies.ts'
import { appFolder } from '../support/app-folder.ts'

const action: Handler = () => undefined
const loggedIn: Handler = () => undefined
const admin: Handler = () => undefined
const actions = new Map(
  ['home', 'user/find', 'user/update', 'user/admin/list', 'account/login'].map((name) => [
    name,
    action,
  ]),
)
const policies = new Map([
  ['is-logged-in', loggedIn],
  ['isadmin', admin],
])
const compile = (rules: PolicyRules) => compilePolicies(rules, { actions, policies })

function answers(steps: readonly Handler[]): unknown[] {
  const res = { forbidden: () => 'refused' } as unknown as Response
  return steps.map((step) => step({} as Request, res, () => {}))
}

describe('the policies of an app', () => {
  it('are named by their files, in lower case', async () => {
    const root = await appFolder({
      'api/policies/is-logged-in.ts': 'export default (req, res, next) => next()',
      'api/policies/isAdmin.cjs': 'module.exports = function (req, res, next) { next() }',
    })

    const { handlers, problems } = await loadPolicies(root)

    expect([...handlers.keys()]).toEqual(['is-logged-in', 'isadmin'])
    expect(problems).toEqual([])
  })

  it('have a problem each that exports no function, or has a taken name', async () => {
    const root = await appFolder({
      'api/policies/a.ts': 'export default {}',
      'api/policies/b.cjs': 'module.exports = () => 1',
      'api/policies/b.ts': 'export default () => 1',
      'api/policies/c.ts': 'const',
    })

    const { handlers, problems } = await loadPolicies(root)

    expect([...handlers.keys()]).toEqual(['b'])
    expect(problems.map(({ where }) => where).sort()).toEqual([
      'api/policies/a.ts',
      'api/policies/b.ts',
      'api/policies/c.ts',
    ])
  })
})

describe('config/policies', () => {
  it('asks nothing of an action it does not name', () => {
    expect(compile({}).stepsFor('home')).toEqual([])
  })

  it('may guard what grants tokens where csrf is off, too', () => {
    const rules = { 'security/*': 'isAdmin', 'security/grant-csrf-token': true }

    expect(compile(rules).problems).toEqual([])
    expect(compile({ 'security/other': true }).problems).toHaveLength(1)
  })

  it('lets the most specific key count alone', () => {
    const { stepsFor, problems } = compile({
      '*': 'is-logged-in',
      'user/*': ['is-logged-in', 'isAdmin'],
      'user/admin/*': 'isAdmin',
      'user/update': true,
    })

    expect(problems).toEqual([])
    expect(stepsFor('home')).toEqual([loggedIn])
    expect(stepsFor('user/find')).toEqual([loggedIn, admin])
    expect(stepsFor('user/admin/list')).toEqual([admin])
    expect(stepsFor('user/update')).toEqual([])
  })

  it('takes the keys of older Sails apps, in any case', () => {
    const { stepsFor, problems } = compile({
      UserController: { '*': 'isAdmin', find: true },
      'AccountController.login': 'is-logged-in',
      Home: 'isAdmin',
    })

    expect(problems).toEqual([])
    expect(stepsFor('user/find')).toEqual([])
    expect(stepsFor('user/update')).toEqual([admin])
    expect(stepsFor('account/login')).toEqual([loggedIn])
    expect(stepsFor('home')).toEqual([admin])
  })

  it("takes 'user/*' for the action user itself, as Sails does", () => {
    const own = new Map([...actions, ['user', action] as const, ['shop', action] as const])
    const rules = { '*': true, 'user/*': 'isAdmin', 'shop/*': false }
    const { stepsFor, problems } = compilePolicies(rules, { actions: own, policies })
    const exact = compilePolicies({ ...rules, user: true }, { actions: own, policies })

    expect(problems).toEqual([])
    expect(stepsFor('user')).toEqual([admin])
    expect(answers(stepsFor('shop'))).toEqual(['refused'])
    expect(exact.stepsFor('user')).toEqual([])

    const open = compilePolicies({ '*': 'isAdmin', 'user/*': true }, { actions: own, policies })
    expect(open.stepsFor('user')).toEqual([])
    expect(open.stepsFor('shop')).toEqual([admin])
  })

  it('takes a value for a whole controller', () => {
    expect(compile({ UserController: 'isAdmin' }).stepsFor('user/find')).toEqual([admin])
  })

  it('takes functions', () => {
    const own: Handler = () => undefined

    expect(compile({ home: own, 'user/*': [own, 'isAdmin'] }).stepsFor('user/find')).toEqual([
      own,
      admin,
    ])
  })

  it('refuses with 403 where it says false', () => {
    expect(answers(compile({ home: false }).stepsFor('home'))).toEqual(['refused'])
  })

  it.each([
    ['an unknown policy', { home: 'isLoggedIn' }, /'home'/, /no policy/, /'is-logged-in'/],
    ['a policy unlike all others', { home: 'x' }, /'home'/, /no policy/, /api\/policies\/x\.ts/],
    ['an unknown action', { 'user/fnid': true }, /'user\/fnid'/, /no action/, /'user\/find'/],
    ['an empty folder', { 'shop/*': true }, /'shop\/\*'/, /no action/, /Take the key out/],
    [
      'an unknown method',
      { UserController: { fnid: true } },
      /UserController\.fnid/,
      /no act/,
      /find/,
    ],
    [
      'two keys of one action',
      { 'user/find': 'isAdmin', UserController: { find: true } },
      /UserController\.find/,
      /same actions as 'user\/find'/,
      /one of the two/,
    ],
    [
      'two keys of one folder',
      { UserController: 'isAdmin', 'user/*': true },
      /'user\/\*'/,
      /same actions as 'UserController'/,
      /one of the two/,
    ],
    ['another value', { home: 3 }, /'home'/, /no policy/, /true, false/],
  ])('has a problem with %s', (_kind, rules, where, what, fix) => {
    const { problems } = compile(rules)

    expect(problems).toEqual([
      {
        where: expect.stringMatching(where),
        what: expect.stringMatching(what),
        fix: expect.stringMatching(fix),
      },
    ])
  })

  it('keeps an action closed whose policy is unknown, or no policy', () => {
    expect(answers(compile({ home: 'nobody' }).stepsFor('home'))).toEqual(['refused'])
    expect(answers(compile({ home: 3 }).stepsFor('home'))).toEqual(['refused'])
  })
})
