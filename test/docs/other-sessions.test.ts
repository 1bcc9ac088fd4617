/** The session chapter's way to end all other sessions of a user, tried on two nodes. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { testNodes } from '../../src/testing/nodes.ts'
import { appFolder, strongSecret } from '../support/app-folder.ts'
import { blocksOf } from './blocks.ts'

const root = join(import.meta.dirname, '../..')
const page = 'docs/session.md'
const blocks = blocksOf(page, await readFile(join(root, page), 'utf8'))

/** The file whose path a block begins with; its users live in this process, as in a database. */
function fileOf(path: string): string {
  const code = blocks.find((block) => block.code.startsWith(`// ${path}`))?.code ?? ''
  const index = JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)
  return `const { findUser, changeUser } = globalThis.users
    ${code.replace("'catamaran'", index)}`
}

const files = {
  'api/policies/login-counts.ts': fileOf('api/policies/login-counts.ts'),
  'api/controllers/account/log-out-others.ts': fileOf('api/controllers/account/log-out-others.ts'),
}

it('P16: the other sessions of a user end, those of others and the own one stay', async () => {
  const user = { loginsSince: 0 }
  Reflect.set(globalThis, 'users', {
    findUser: async (id: string) => (id === 'ada' ? user : { loginsSince: 0 }),
    changeUser: async (_id: string, changes: object) => void Object.assign(user, changes),
  })
  onTestFinished(() => void Reflect.deleteProperty(globalThis, 'users'))
  const folder = await appFolder({
    ...files,
    'api/controllers/account/show.mjs': 'export default (req) => ({ userId: req.session.userId })',
    'config/routes.mjs': `export default {
      'POST /login': (req) => { req.session.userId = req.body.user; return {} },
      'POST /log-out-others': 'account/log-out-others',
      'GET /me': 'account/show',
    }`,
    'config/policies.mjs': `export default { 'account/*': 'login-counts' }`,
    'config/sockets.mjs': `export default {
      onConnect: (session, socket) => { if (session.userId) socket.join('user:' + session.userId) },
    }`,
  })
  const session = { secret: strongSecret, user: 'userId' } as const
  const nodes = await testNodes(folder, { session }, { environment: {} })
  onTestFinished(() => nodes.close())
  const { one, two, clock } = nodes
  const visitors = [one.browser(), two.browser(), two.browser()] as const
  const [own, other, bob] = visitors
  await Promise.all([own, other].map((browser) => browser.post('/login', { user: 'ada' })))
  await bob.post('/login', { user: 'bob' })
  await clock.advance(60)
  await other.emit('GET /me')
  const asked = other.next('account:check')
  const tab = other.at(one)
  await tab.emit('GET /me')
  const told = tab.next('session:ended')

  await own.emit('POST /log-out-others')
  await asked
  const refused = await other.emit('GET /me')

  expect(refused).toMatchObject({ statusCode: 401, body: { code: 'E_LOGIN' } })
  expect(await told).toEqual({ reason: 'destroyed', reconnect: false })
  expect((await other.get('/me')).status).toBe(401)
  expect((await own.get('/me')).body).toEqual({ userId: 'ada' })
  expect((await own.emit('GET /me')).body).toEqual({ userId: 'ada' })
  expect((await bob.get('/me')).body).toEqual({ userId: 'bob' })
})
