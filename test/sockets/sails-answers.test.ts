/** Answers of a Sails app that come from beside its actions, over both doors. */
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Overrides } from '../../src/config/schema.ts'
import { testApp } from '../../src/testing/app.ts'
import { liftFiles } from '../support/lift-files.ts'

const root = join(import.meta.dirname, '..', 'fixtures', 'sails-app')

async function visitor(overrides: Overrides = {}) {
  const app = await testApp(root, overrides, { environment: {} })
  onTestFinished(() => app.close())
  return app.browser()
}

describe('a status that is a text', () => {
  it.each([
    ['status-text', 202],
    ['send-status-text', 404],
  ])('counts as its number in a Sails app, over both doors: %s', async (kind, status) => {
    const browser = await visitor()

    expect((await browser.get(`/answer/${kind}`)).status).toBe(status)
    expect((await browser.emit(`GET /answer/${kind}`)).statusCode).toBe(status)
  })

  it('is an error elsewhere, as in Express 5', async () => {
    const routes = {
      'GET /': (_req: unknown, res: { sendStatus(status: unknown): void }) => res.sendStatus('404'),
    }
    const browser = (await liftFiles({}, { routes })).browser()

    expect((await browser.get('/')).status).toBe(500)
    expect((await browser.emit('GET /')).statusCode).toBe(500)
  })
})

describe('a request without the token that csrf: true wants', () => {
  it('is answered over a socket as Sails does', async () => {
    const browser = await visitor({ security: { csrf: true } })

    expect(await browser.emit('POST /echo')).toEqual({
      statusCode: 403,
      headers: {},
      body: 'Forbidden',
    })
  })
})

describe('what is thrown and is no error', () => {
  it('never shows as [object Object]', async () => {
    const routes = { 'GET /': () => Promise.reject({ status: 409, secret: 1 }) }
    const browser = (await liftFiles({}, { routes })).browser()

    expect((await browser.get('/')).body).toEqual({ code: 'E_CONFLICT', message: 'Conflict' })
  })
})

describe('CORS', () => {
  it('adds no headers to an acknowledgement', async () => {
    const cors = { allRoutes: true, allowOrigins: ['https://page.example'] }
    const browser = await visitor({ security: { cors } })

    expect((await browser.get('/user')).headers.get('vary')).toContain('Origin')
    expect(await browser.emit('GET /user/1')).toEqual({
      statusCode: 200,
      headers: {},
      body: { id: 1, name: 'ada' },
    })
  })
})
