import { describe, expect, it } from 'vitest'
import { liftFiles } from '../support/lift-files.ts'

const page = 'https://page.example'
const routes = {
  'GET /own': () => 'own',
  'GET /open': { fn: () => 'open', cors: true },
  'PUT /open': {
    fn: () => 'put',
    cors: {
      allowOrigins: [page],
      allowCredentials: true,
      allowRequestHeaders: 'x-a,x-b',
      allowRequestMethods: 'PUT',
      allowResponseHeaders: ['x-c'],
    },
  },
  'GET /closed': { fn: () => 'closed', cors: false },
  'GET /broken': { fn: () => Promise.reject(new Error('a fault')), cors: page },
}

async function ask(url: string, path: string, { method = 'GET', origin = page, ...more } = {}) {
  const { status, headers } = await fetch(url + path, { method, headers: { origin, ...more } })
  const cors = [...headers].filter(([name]) => name.startsWith('access-control-'))
  return { status, vary: headers.get('vary') ?? '', cors: Object.fromEntries(cors) }
}

const preflight = (method: string) => ({
  method: 'OPTIONS',
  'access-control-request-method': method,
})

describe('CORS', () => {
  it('allows nothing unless an app says so', async () => {
    const { url } = await liftFiles({}, { routes })

    expect(await ask(url, '/own')).toMatchObject({ status: 200, cors: {} })
    expect(await ask(url, '/own', preflight('GET'))).toMatchObject({ status: 200, cors: {} })
  })

  it('is for one route that says so within its target', async () => {
    const within = { 'GET /within': { target: [{ fn: () => 'open', cors: true }] } }
    const { url } = await liftFiles({}, { routes: within })

    expect((await ask(url, '/within')).cors).toEqual({ 'access-control-allow-origin': '*' })
  })

  it('is for one route', async () => {
    const { url } = await liftFiles({}, { routes })

    expect((await ask(url, '/open')).cors).toEqual({ 'access-control-allow-origin': '*' })
    expect(await ask(url, '/open', { method: 'PUT' })).toMatchObject({
      status: 200,
      vary: expect.stringMatching(/Origin/),
      cors: {
        'access-control-allow-origin': page,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'x-c',
      },
    })
  })

  it('answers a browser that asks beforehand, by the route it means', async () => {
    const { url } = await liftFiles({}, { routes })

    expect(await ask(url, '/open', preflight('PUT'))).toEqual({
      status: 204,
      vary: expect.stringMatching(/Origin/),
      cors: {
        'access-control-allow-origin': page,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'PUT',
        'access-control-allow-headers': 'x-a,x-b',
      },
    })
    const stranger = await ask(url, '/open', {
      ...preflight('PUT'),
      origin: 'https://evil.example',
    })
    expect(stranger).toMatchObject({ status: 204, cors: {} })
  })

  it('stands in answers that failed, too', async () => {
    const { url } = await liftFiles({}, { routes })

    expect(await ask(url, '/broken')).toMatchObject({
      status: 500,
      cors: { 'access-control-allow-origin': page },
    })
  })

  it('is for all routes but those that say no', async () => {
    const security = { cors: { allRoutes: true, allowOrigins: page } }
    const { url } = await liftFiles({}, { routes, security })

    expect((await ask(url, '/own')).cors).toEqual({ 'access-control-allow-origin': page })
    expect((await ask(url, '/own', { origin: 'https://evil.example' })).cors).toEqual({})
    expect((await ask(url, '/closed')).cors).toEqual({})
  })

  it.each([
    [{ allowOrigins: ['https://a.example/'] }, /must be an origin/],
    [{ allowCredentials: true }, /cannot be true for all origins/],
  ])('refuses the rules %j at the start, of the app and of a route', async (cors, words) => {
    await expect(liftFiles({}, { security: { cors } })).rejects.toThrow(words)
    const route = { 'GET /': { fn: () => 1, cors } }
    await expect(liftFiles({}, { routes: route })).rejects.toThrow(words)
  })
})
