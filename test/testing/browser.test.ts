import type { Socket } from 'socket.io-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createBrowser } from '../../src/testing/browser.ts'
import { testNodes } from '../../src/testing/nodes.ts'
import { appFolder, liftFiles } from '../support/lift-files.ts'
import { freePort } from '../support/programs.ts'

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
    'GET /empty': (_req, res) => res.json(undefined),
    'POST /echo': (req) => ({ body: req.body, from: req.get('x-from') ?? null }),
    'POST /see': (req) => { req.session.seen = 1; return {} },
    'POST /tell': (req) => { req.session.a = 1; return {} },
    'GET /told': (req) => ({ a: req.session.a ?? null }),
    'POST /logout': async (req) => { await req.session.destroy(); return {} },
  }`,
}

/** The reason why a socket of the visitor ends, whichever side ends it. */
const endOf = (socket: Socket) => new Promise((resolve) => socket.once('disconnect', resolve))

describe('the browser of a test app', () => {
  it('takes an answer of JSON without a text', async () => {
    const browser = (await liftFiles(files)).browser()

    expect(await browser.get('/empty')).toMatchObject({ status: 200, body: '' })
  })

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

  it('closes a socket, too, that was told to leave and is still there', async () => {
    const app = await liftFiles(files, { session: { user: 'a' } })
    const browser = app.browser()
    await browser.post('/see')
    const socket = await browser.socket()
    const told = browser.next('session:ended')
    await browser.post('/tell')
    expect(await told).toMatchObject({ reconnect: true })

    const gone = endOf(socket)
    browser.close()

    expect(await gone).toBe('io client disconnect')
  })

  it('closes all of its sockets, however many it had', async () => {
    const app = await liftFiles(files)
    const browser = app.browser()
    const first = await browser.socket()
    const cut = endOf(first)
    first.io.engine.close()
    await cut
    const second = await browser.socket()

    const gone = endOf(second)
    browser.close()

    expect(await gone).toBe('io client disconnect')
    expect([first.active, second.active]).toEqual([false, false])
  })

  it('connects anew after a time when nobody listened', async () => {
    const port = await freePort()
    const browser = createBrowser(`http://127.0.0.1:${port}`)
    onTestFinished(() => browser.close())
    await expect(browser.emit('GET /told')).rejects.toThrow()

    await liftFiles(files, { port })

    expect((await browser.emit('GET /told')).body).toEqual({ a: null })
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
