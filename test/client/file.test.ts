import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readTree } from '../support/house.ts'
import { type Files, liftFiles } from '../support/lift-files.ts'

const files: Files = { 'config/routes.mjs': `export default { 'GET /': () => 'here' }` }

describe('the client’s one file', () => {
  it('is a module that needs nothing but Socket.IO’s client, from where that is served', async () => {
    const { url } = await liftFiles(files, { sockets: { path: '/live' } })

    const answer = await fetch(`${url}/catamaran.js`)
    const text = await answer.text()
    const imports = [...text.matchAll(/^import [^;'"]*(?:from )?["']([^'"]+)/gm)]

    expect(answer.headers.get('content-type')).toMatch(/^text\/javascript/)
    expect(imports.map(([, from]) => from)).toEqual(['/live/socket.io.esm.min.js'])
    expect(text).not.toMatch(/: (string|number|boolean)\b/)
    const socketIo = await fetch(`${url}/live/socket.io.esm.min.js`)
    expect(socketIo.status).toBe(200)
  })

  it('is smaller than 6 KB, gzipped', async () => {
    const { url } = await liftFiles(files)

    const text = await (await fetch(`${url}/catamaran.js`)).text()

    expect(gzipSync(text).length).toBeLessThan(6 * 1024)
  })

  it('is not sent again to who has it, and gets no session', async () => {
    const { url } = await liftFiles(files, { session: { saveUninitialized: true } })
    const first = await fetch(`${url}/catamaran.js`)

    const again = await fetch(`${url}/catamaran.js`, {
      // Node would ask for no cache at all.
      headers: { 'if-none-match': first.headers.get('etag') ?? '', 'cache-control': 'max-age=0' },
    })

    expect(again.status).toBe(304)
    expect(first.headers.getSetCookie()).toEqual([])
  })

  it('leaves its address to a route of the app', async () => {
    const { url } = await liftFiles({
      'config/routes.mjs': `export default { 'GET /catamaran.js': () => 'my own' }`,
    })

    expect(await (await fetch(`${url}/catamaran.js`)).text()).toBe('my own')
  })
})

describe('catamaran/client', () => {
  it('imports nothing of the server', async () => {
    const sources = Object.entries(await readTree('src/client'))

    expect(sources.length).toBeGreaterThan(3)
    for (const [file, text] of sources) {
      const from = [...text.matchAll(/from '([^']+)'/g)].map(([, name]) => name)
      expect([file, from.filter((name) => !/^\.\/|^socket\.io-client$/.test(name ?? ''))]).toEqual([
        file,
        [],
      ])
    }
  })
})
