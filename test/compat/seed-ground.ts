/** Apps for the rows of the seed documents: CommonJS, configured as Sails' documents write it. */
import { onTestFinished } from 'vitest'
import { type TestApp, testApp } from '../../src/testing/app.ts'
import { appFolder } from '../support/app-folder.ts'

/** The secret of an example in the documents, long enough. */
export const secret = '9238cca11a83d473e10981c49c4f9238cca11a83d473e10981c49c4f'

const actions = `var held
module.exports = {
  hold: function (req, res) { req.session.me = 'held'; held = res },
  isHeld: function (req, res) { return res.json(Boolean(held)) },
  release: function (req, res) { held.json({}); return res.json({}) },
  login: function (req, res) {
    var foundUser = { id: 7, name: 'ada' }
    req.session.userId = foundUser.id
    return res.json(foundUser)
  },
  me: function (req, res) { return res.json({ userId: req.session.userId, me: req.session.me, id: req.sessionID }) },
  set: function (req, res) { req.session.me = req.param('me'); return res.json({}) },
}`

const routes = `module.exports.routes = {
  'POST /login': 'UserController.login',
  'GET /me': 'UserController.me',
  'POST /set': 'UserController.set',
  'POST /hold': 'UserController.hold',
  'GET /held': 'UserController.isHeld',
  'POST /release': 'UserController.release',
}`

/** Lifts an app whose `config/session.js` holds these lines, until the test has finished. */
export async function liftSails(
  lines: string,
  { root, ...more }: { root?: string; environment?: NodeJS.ProcessEnv; log?: object } = {},
): Promise<TestApp> {
  const folder = root ?? (await sailsFolder(lines))
  const { environment = {} } = more
  const app = await testApp(folder, {}, { environment })
  onTestFinished(() => app.close())
  return app
}

/** The folder of such an app. */
export function sailsFolder(lines: string, more: Record<string, string> = {}): Promise<string> {
  const files = {
    'config/session.js': `module.exports.session = {\n${lines}\n}\n`,
    'config/globals.js': 'module.exports.globals = { sails: true }',
    'config/routes.js': routes,
    'api/controllers/UserController.js': actions,
    ...more,
  }
  return appFolder(files, 'commonjs')
}

/** The id in a cookie's pair. */
export function idIn(cookie: string): string {
  return /s:([^.]+)\./.exec(decodeURIComponent(cookie))?.[1] ?? ''
}
