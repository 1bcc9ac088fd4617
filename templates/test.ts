import assert from 'node:assert/strict'
import { it } from 'node:test'
import { testApp } from 'catamaran/testing'

it('GET $address answers the same over both transports', async (test) => {
  const app = await testApp()
  test.after(() => app.close())
  const browser = app.browser()

  const overHttp = await browser.get('$address')
  const overSocket = await browser.emit('GET $address')

  // What it answers goes here, as in: assert.deepEqual(overHttp.body, { … })
  assert.notEqual(overHttp.status, 404, 'config/routes has nothing for GET $address')
  assert.equal(overSocket.statusCode, overHttp.status)
})
