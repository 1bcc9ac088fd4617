/** What an app's actions have as `req.sessionStore`, on both doors. */
import { describe, expect, it } from 'vitest'
import { connect, heard } from '../sockets/client.ts'
import { type Files, liftFiles } from '../support/lift-files.ts'

const files: Files = {
  'config/routes.mjs': `
    const without = ({ cookie, ...data }) => data
    export default {
      'POST /login': (req) => { req.session.userId = req.body.user; return { id: req.sessionID } },
      'POST /rotate': async (req) => { await req.session.rotate(); return { id: req.sessionID } },
      'GET /me': (req) => ({ userId: req.session.userId ?? null }),
      'GET /of/:id': async (req) => {
        const found = await req.sessionStore.get(req.params.id)
        return { found: found && without(found), count: await req.sessionStore.length() }
      },
      'GET /called/:id': (req, res) => {
        req.sessionStore.get(req.params.id, (error, found) => res.json({ error, ...without(found) }))
      },
      'POST /end/:id': async (req) => { await req.sessionStore.destroy(req.params.id); return {} },
      'POST /close': async (req) => { await req.sessionStore.close(); return {} },
      'GET /own': (req) => {
        req.sessionStore = 'own'
        return { own: req.sessionStore, same: Object.getPrototypeOf(req).sessionStore !== 'own' }
      },
    }`,
}

async function started(overrides: object = {}) {
  const app = await liftFiles(files, { session: overrides })
  const ada = app.browser()
  const { body } = await ada.post('/login', { user: 'ada' })
  return { app, ada, id: (body as { id: string }).id }
}

describe('req.sessionStore', () => {
  it.each(['http', 'socket'])('looks up another session by its id, over %s', async (door) => {
    const { app, id } = await started()
    const other = app.browser()
    const ask = (path: string) =>
      door === 'http' ? other.get(path) : other.emit(`GET ${path}`, undefined)

    expect((await ask(`/of/${id}`)).body).toEqual({ found: { userId: 'ada' }, count: 1 })
    expect((await ask(`/called/${id}`)).body).toEqual({ error: null, userId: 'ada' })
    expect((await ask('/of/unknown')).body).toEqual({ found: null, count: 1 })
  })

  it('P10: knows a rotated session by its new id alone', async () => {
    const { ada, id } = await started()
    const { body } = await ada.post('/rotate')

    const [old, now] = await Promise.all(
      [id, (body as { id: string }).id].map((one) => ada.get(`/of/${one}`)),
    )

    expect(old?.body).toMatchObject({ found: null })
    expect(now?.body).toMatchObject({ found: { userId: 'ada' } })
  })

  it('P16: ends a session with its sockets, whoever destroys it', async () => {
    const { app, ada, id } = await started({ hashIds: true })
    const socket = await connect(app.url, { extraHeaders: { Cookie: ada.cookie() } })
    const ended = heard(socket, 'session:ended')

    await app.browser().post(`/end/${id}`)

    expect(await ended).toMatchObject({ reason: 'revoked' })
    expect((await ada.get('/me')).body).toEqual({ userId: null })
  })

  it('is not closed by an action, and may be another for one request', async () => {
    const { ada } = await started({ adapter: 'sqlite' })

    expect((await ada.get('/own')).body).toEqual({ own: 'own', same: true })
    await ada.post('/close')

    expect((await ada.get('/me')).body).toEqual({ userId: 'ada' })
  })
})
