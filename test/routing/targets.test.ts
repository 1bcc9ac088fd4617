import type { Request, Response } from 'express'
import { describe, expect, it } from 'vitest'
import type { Handler } from '../../src/routing/handler.ts'
import type { Problem } from '../../src/routing/problems.ts'
import { readTarget } from '../../src/routing/targets.ts'

const login: Handler = () => 'login'
const find: Handler = () => 'find'
const guard: Handler = () => 'guard'
const checked: Handler = () => 'checked'

function read(written: unknown) {
  const problems: Omit<Problem, 'where'>[] = []
  const target = readTarget(written, {
    actions: new Map([
      ['account/login', login],
      ['user/find', find],
    ]),
    policies: new Map([
      ['is-logged-in', guard],
      ['user/find', guard],
    ]),
    responses: new Map([['expired', find]]),
    hasViews: false,
    stepsFor: (identity) => (identity === 'user/find' ? [checked] : []),
    report: (what, fix) => problems.push({ what, fix }),
  })
  return { ...target, problems }
}

/** Runs the only step with a response that says what was called on it. */
function called(written: unknown, name: 'redirect' | 'notFound') {
  const { steps, problems } = read(written)
  expect(problems).toEqual([])
  const calls: unknown[][] = []
  const res = { [name]: (...values: unknown[]) => calls.push(values) } as unknown as Response
  steps[0]?.({} as Request, res, () => {})
  return calls
}

describe('a target', () => {
  it.each([
    ['account/login', [login], 'account/login'],
    ['Account/Login', [login], 'account/login'],
    ['UserController.find', [checked, find], 'user/find'],
    [{ action: 'account/login' }, [login], 'account/login'],
    [{ action: 'UserController.find' }, [checked, find], 'user/find'],
    [{ controller: 'user', action: 'find' }, [checked, find], 'user/find'],
    [{ controller: 'UserController', action: 'find' }, [checked, find], 'user/find'],
  ])('%j is an action behind its policies', (written, steps, text) => {
    expect(read(written)).toEqual({ steps, text, options: {}, problems: [] })
  })

  it('can be a function, alone or beside options', () => {
    expect(read(find)).toMatchObject({ steps: [find], text: 'function find', options: {} })
    expect(read({ fn: find, session: false })).toMatchObject({
      steps: [find],
      options: { session: false },
    })
  })

  it('can be a chain of policies and handlers before an action', () => {
    const { steps, text, problems } = read([{ policy: 'is-logged-in' }, login, 'user/find'])

    expect(problems).toEqual([])
    expect(steps).toEqual([guard, login, checked, find])
    expect(text).toBe('policy is-logged-in, function login, user/find')
  })

  it('can be a chain within a chain', () => {
    expect(read([[login, [{ policy: 'is-logged-in' }]], 'account/login'])).toMatchObject({
      steps: [login, guard, login],
      problems: [],
    })
  })

  it.each([
    ['a name', 'UserController.find', [checked, find]],
    ['a function', find, [find]],
    ['a chain', [{ policy: 'is-logged-in' }, 'user/find'], [guard, checked, find]],
    ['options of its own', { action: 'user/find', csrf: true }, [checked, find]],
  ])('can stand behind target beside options, as %s', (_kind, target, steps) => {
    const found = read({ target, skipAssets: true })

    expect(found).toMatchObject({ steps, options: { skipAssets: true }, problems: [] })
  })

  it('can name a policy by its mere name within a chain', () => {
    expect(read(['Is-Logged-In', 'account/login']).steps).toEqual([guard, login])
    // An action of that name goes first.
    expect(read(['user/find', 'account/login']).steps).toEqual([checked, find, login])
  })

  it.each(['/login', 'https://example.com/', 'http://example.com/'])('%s redirects', (url) => {
    expect(called(url, 'redirect')).toEqual([[url]])
  })

  it('can be a standard response', () => {
    expect(called({ response: 'notFound' }, 'notFound')).toEqual([[]])
  })

  it('carries its options, those of a chain together', () => {
    const options = { session: false, activity: false, skipAssets: true }

    expect(read({ action: 'account/login', ...options }).options).toEqual(options)
    expect(
      read([
        { fn: login, session: false },
        { action: 'user/find', activity: false },
      ]).options,
    ).toEqual({ session: false, activity: false })
  })

  it.each([
    ['account/lgoin', /no action 'account\/lgoin'/, /'account\/login'/],
    ['shop/buy', /no action/, /api\/controllers\/shop\/buy\.ts/],
    [['user/find', { policy: 'is-logged-in' }], /ends in a policy/, /\[\{ policy/],
    [[], /no target/, /Name an action/],
    [42, /no target/, /action/],
    [class Login {}, /no target/, /function/],
    [{ session: false }, /one target/, /action, fn/],
    [{ action: 'user/find', response: 'ok' }, /one target/, /one of/],
    [{ target: 'user/find', fn: find }, /one target/, /one of/],
    [{ target: { session: false } }, /one target/, /one of/],
    [{ view: 'home' }, /view 'home' has no engine/, /config\/views/],
    [{ action: 'user/find', csrf: 'no' }, /'csrf' is a string/, /true or false/],
    [{ action: 'user/find', sesion: false }, /no option 'sesion'/, /'session'/],
    [{ action: 'user/find', session: 'no' }, /'session' is a string/, /true or false/],
    [{ action: find }, /'action' is a function/, /a name/],
    [{ fn: 'find' }, /'fn' is a string/, /a function/],
    [{ response: 'notfound' }, /no response 'notfound'/, /'notFound'/],
    [[{ policy: 'nobody' }, 'user/find'], /no policy 'nobody'/, /api\/policies\/nobody\.ts/],
  ])('%j is one problem', (written, what, fix) => {
    const { problems } = read(written)

    expect(problems).toEqual([
      { what: expect.stringMatching(what), fix: expect.stringMatching(fix) },
    ])
  })
})
