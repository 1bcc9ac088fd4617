/** The session of a SocketStream call has the methods of Connect, which keep what they promise over a socket. */
import { describe, expect, it } from 'vitest'
import type { SocketStream } from '../../src/compat/socketstream.ts'
import { createOtherStore } from '../session/stores/connect-store.ts'
import { startStream } from './socketstream-ground.ts'

const files = {
  'server/rpc/app.js': `exports.actions = (req, res, ss) => {
    req.use('session')
    const methods = ['touch', 'reload', 'regenerate', 'destroy', 'save']
    return {
      get: () => req.session,
      kinds: () => methods.map((name) => typeof req.session[name]),
      set: (n) => {
        req.session.n = n
        req.session.save((error) => res(!error))
      },
      touch: () => req.session.touch() === req.session,
      reload: () => {
        req.session.n = 99
        req.session.reload((error) => res([!error, req.session.n]))
      },
      saveNothing: () => { req.session.save((error) => res(error ?? 'fine')) },
      saveBadly: () => {
        req.session.n = 1n
        req.session.save((error) => res(error ? error.code : 'saved'))
      },
      saveAndRead: () => {
        req.session.n = 5
        req.session.save(() => {
          ss.session.store.get().get(req.sessionId, (error, row) => res(row.n))
        })
      },
      destroy: () => { req.session.destroy((error) => res([!error, typeof req.session])) },
    }
  }`,
}

function app(ss: SocketStream): void {
  ss.session.store.use(createOtherStore(Date.now))
  ss.http.route('/session', (req, res) => res.end(JSON.stringify(req.session)))
}

async function start() {
  const visitor = (await startStream({ files, app })).visitor()
  const page = async () => JSON.parse(String(await visitor.page('/session')))
  await page()
  return { ...visitor, page }
}

describe('the session of a call', () => {
  it('has all of them', async () => {
    expect(await (await start()).rpc('app.kinds')).toEqual(Array(5).fill('function'))
  })

  it('touches itself', async () => {
    expect(await (await start()).rpc('app.touch')).toBe(true)
  })

  it('is stored when `save` calls back', async () => {
    expect(await (await start()).rpc('app.saveAndRead')).toBe(5)
  })

  it('calls back without an error where there is nothing to save', async () => {
    expect(await (await start()).rpc('app.saveNothing')).toBe('fine')
  })

  it('tells `save` of what can not be stored, and keeps what was', async () => {
    const { page, rpc } = await start()
    await rpc('app.set', 1)

    expect(await rpc('app.saveBadly')).toBe('E_SESSION_VALUE')
    expect(await page()).toMatchObject({ n: 1 })
  })

  it('forgets by `reload` what was not saved', async () => {
    const { rpc } = await start()
    await rpc('app.set', 1)

    expect(await rpc('app.reload')).toEqual([true, 1])
  })

  it('ends by `destroy`, for pages too', async () => {
    const { page, rpc } = await start()
    await rpc('app.set', 1)

    expect(await rpc('app.destroy')).toEqual([true, 'undefined'])
    expect(await page()).not.toHaveProperty('n')
  })
})
