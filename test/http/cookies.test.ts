import { createHmac } from 'node:crypto'
import type { Request, Response } from 'express'
import { describe, expect, it } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'
import { ask } from './ask.ts'

const routes = {
  'GET /read': ({ cookies, signedCookies }: Request) => ({ cookies, signedCookies }),
  'GET /set': (_req: Request, res: Response) => {
    res.cookie('plain', 'a b').cookie('signed', 'ada', { signed: true })
    return 'set'
  },
  'GET /clear': (_req: Request, res: Response) => {
    res.clearCookie('plain')
    return 'cleared'
  },
  'GET /lazy': (req: Request) => {
    const parsed = () => ['cookies', 'signedCookies'].map((name) => Object.hasOwn(req, name))
    const before = parsed()
    void req.cookies
    const after = parsed()
    return { before, after }
  },
}

describe('req.cookies', () => {
  it('holds what the browser sent, decoded', async () => {
    const { url } = await liftFiles({}, { routes })

    const { body } = await ask(url, '/read', { headers: { cookie: 'a=1; b=x%20y; j=j:{"c":1}' } })

    expect(JSON.parse(body).cookies).toEqual({ a: '1', b: 'x y', j: { c: 1 } })
  })

  it('is empty without a cookie', async () => {
    const { url } = await liftFiles({}, { routes })

    const { body } = await ask(url, '/read')

    expect(JSON.parse(body)).toEqual({ cookies: {}, signedCookies: {} })
  })

  it('is read when it is asked for, not before', async () => {
    const { url } = await liftFiles({}, { routes })

    const { body } = await ask(url, '/lazy', { headers: { cookie: 'a=1' } })

    expect(JSON.parse(body)).toEqual({ before: [false, false], after: [true, true] })
  })
})

describe('res.cookie', () => {
  it('is read back by the next request, signed or not', async () => {
    const app = await liftFiles({}, { routes })
    const browser = app.browser()

    await browser.get('/set')
    const { body } = await browser.get('/read')

    expect(body).toEqual({ cookies: { plain: 'a b' }, signedCookies: { signed: 'ada' } })
  })

  it('signs so that a changed value is no value', async () => {
    const { url } = await liftFiles({}, { routes })
    const { headers } = await ask(url, '/set')
    const [, line = ''] = headers['set-cookie'] ?? []

    const forged = line.split(';')[0]?.replace('ada', 'eve')
    const { body } = await ask(url, '/read', { headers: { cookie: `${forged}` } })

    expect(JSON.parse(body)).toEqual({ cookies: {}, signedCookies: { signed: false } })
  })

  it('signs with the first secret and takes any', async () => {
    const old = 'the older secret of the app '.repeat(2)
    const young = 'the newer secret of the app '.repeat(2)
    const { url } = await liftFiles({}, { routes, session: { secret: [young, old] } })
    const signed = (secret: string) => {
      const mac = createHmac('sha256', secret).update('ada').digest('base64').replace(/=+$/, '')
      return `signed=${encodeURIComponent(`s:ada.${mac}`)}`
    }

    const { headers } = await ask(url, '/set')
    const { body } = await ask(url, '/read', { headers: { cookie: signed(old) } })

    expect(headers['set-cookie']?.[1]).toContain(signed(young))
    expect(JSON.parse(body).signedCookies).toEqual({ signed: 'ada' })
  })

  it('is taken back by res.clearCookie', async () => {
    const app = await liftFiles({}, { routes })
    const browser = app.browser()
    await browser.get('/set')

    await browser.get('/clear')

    expect((await browser.get('/read')).body).toMatchObject({ cookies: {} })
  })

  it.each(['__proto__', 'constructor', 'toString'])(
    'may have a name that means something: %s',
    async (name) => {
      const { url } = await liftFiles({}, { routes })

      const { status } = await ask(url, '/read', { headers: { cookie: `${name}=x; a=1` } })

      expect(status).toBe(200)
      expect(Reflect.get({}, 'x')).toBeUndefined()
    },
  )
})
