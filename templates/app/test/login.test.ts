import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type TestApp, testApp } from 'catamaran/testing'

const ada = { user: 'ada', password: 'lovelace' }

describe('login', () => {
  let app: TestApp

  before(async () => {
    app = await testApp()
  })

  after(() => app.close())

  it('over HTTP is seen over the socket', async () => {
    const browser = app.browser()

    await browser.post('/login', ada)
    const me = await browser.emit('GET /me')

    assert.deepEqual(me.body, { userId: 'ada', note: null, via: 'socket' })
    browser.close()
  })

  it('over the socket is seen over HTTP', async () => {
    const browser = app.browser()

    await browser.emit('POST /login', ada)
    const me = await browser.get('/me')

    assert.deepEqual(me.body, { userId: 'ada', note: null, via: 'http' })
    browser.close()
  })

  it('keeps a note that either side changes', async () => {
    const browser = app.browser()

    await browser.put('/note', { note: 'Wind from the west' })
    const me = await browser.emit('GET /me')

    assert.deepEqual(me.body, { userId: null, note: 'Wind from the west', via: 'socket' })
    browser.close()
  })

  it('refuses a wrong password and an unknown user alike', async () => {
    const browser = app.browser()

    const wrong = await browser.post('/login', { ...ada, password: 'byron' })
    const unknown = await browser.post('/login', { ...ada, user: 'nobody' })

    assert.equal(wrong.status, 401)
    assert.deepEqual(unknown.body, wrong.body)
    browser.close()
  })

  it('opens the account page, and logout closes it', async () => {
    const browser = app.browser()

    const before = await browser.get('/account')
    await browser.post('/login', ada)
    const during = await browser.get('/account')
    await browser.post('/logout')
    const after = await browser.get('/account')

    assert.deepEqual([before.status, during.status, after.status], [401, 200, 401])
    browser.close()
  })

  it('ends after an hour without a visit, where the session lives so long', async (test) => {
    // In memory, since no test moves the clock of a Redis.
    const hourly = await testApp('.', { session: { adapter: 'memory', ttl: 3600 } })
    test.after(() => hourly.close())
    const browser = hourly.browser()

    await browser.post('/login', ada)
    await hourly.clock.advance(3599)
    const inTime = await browser.get('/account')
    await hourly.clock.advance(3600)
    const late = await browser.get('/account')

    assert.deepEqual([inTime.status, late.status], [200, 401])
  })
})
