import { describe, expect, it } from 'vitest'
import { testNodes } from '../../src/testing/nodes.ts'
import { appFolder, liftFiles } from '../support/lift-files.ts'

const files = {
  'config/http.mjs': `export default {
    middleware: {
      order: ['cookies', 'session', 'body', 'text', 'router'],
      text: async (req, res, next) => {
        const type = req.get('content-type') ?? ''
        if (!/multipart|form-urlencoded|text/.test(type)) return next()
        let size = 0
        for await (const chunk of req) size += chunk.length
        res.json({ type: type.split(';')[0], size })
      },
    },
  }`,
  'config/routes.mjs': `export default {
    'GET /moved': (req, res) => res.redirect('/elsewhere'),
    'POST /echo': (req) => ({ body: req.body, from: req.get('x-from') ?? null }),
    'POST /tell': (req) => { req.session.a = 1; return {} },
    'GET /told': (req) => ({ a: req.session.a ?? null }),
    'POST /logout': async (req) => { await req.session.destroy(); return {} },
  }`,
}

describe('the browser of a test app', () => {
  it('sends headers over HTTP and over the socket', async () => {
    const browser = (await liftFiles(files)).browser()

    const http = await browser.post('/echo', { n: 1 }, { 'X-From': 'ada' })
    const socket = await browser.emit('POST /echo', { n: 1 }, { 'X-From': 'ada' })

    expect(http.body).toEqual({ body: { n: 1 }, from: 'ada' })
    expect(socket.body).toEqual(http.body)
  })

  it('follows no redirect', async () => {
    const browser = (await liftFiles(files)).browser()

    const { status, headers } = await browser.get('/moved')

    expect([status, headers.get('location')]).toEqual([302, '/elsewhere'])
  })

  it('sends files and texts as they are', async () => {
    const browser = (await liftFiles(files)).browser()
    const form = new FormData()
    form.set('file', new Blob(['12345']), 'a.txt')

    const file = await browser.post('/upload', form)
    const text = await browser.post('/upload', 'hello')

    expect(file.body).toMatchObject({ type: 'multipart/form-data' })
    expect(text.body).toEqual({ type: 'text/plain', size: 5 })
  })

  it('waits for the next event of a name', async () => {
    const browser = (await liftFiles(files)).browser()
    await browser.post('/tell')
    await browser.socket()

    const told = browser.next('session:ended')
    await browser.post('/logout')

    expect(await told).toEqual({ reason: 'destroyed', reconnect: false })
  })

  it('says which event has not come, and when it gave up', async () => {
    const browser = (await liftFiles(files)).browser()

    const none = browser.next('news', 0.05)

    await expect(none).rejects.toThrow("no 'news' came within 0.05 seconds")
  })

  it('is the same visitor at another node, and closes there too', async () => {
    await using nodes = await testNodes(await appFolder(files))
    const { one, two } = nodes
    const browser = one.browser()
    await browser.post('/tell')

    const there = browser.at(two)
    const over = [await there.get('/told'), await there.emit('GET /told')]
    const gone = new Promise((resolve) => there.socket().then((s) => s.on('disconnect', resolve)))
    browser.close()

    expect(over).toMatchObject([{ body: { a: 1 } }, { body: { a: 1 } }])
    expect(await gone).toBe('io client disconnect')
  })

  it('closes with its app at the end of a block', async () => {
    let url = ''
    {
      await using app = await liftFiles(files)
      url = app.url
      await app.browser().emit('POST /tell')
    }

    await expect(fetch(url)).rejects.toThrow()
  })
})
