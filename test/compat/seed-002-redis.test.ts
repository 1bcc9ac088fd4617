/** Seed 002, Redis as the store of a Sails 1.x app; and the names of its environment. */
import { expect, it, onTestFinished } from 'vitest'
import { describeOwnRedis, startRedis } from '../support/redis.ts'
import { liftSails, sailsFolder, secret } from './seed-ground.ts'

async function redisOf() {
  const redis = await startRedis({ own: true })
  onTestFinished(() => redis.close())
  return redis
}

const lines = (port: number) => `
    secret: '${secret}',
    adapter: '@sailshq/connect-redis',
    host: 'localhost',
    port: ${port},
    ttl: 600,
    db: 0,
    prefix: 'sess:',`

describeOwnRedis('seed 002: Redis', () => {
  it('002-22: keeps sessions through a restart of the app', async () => {
    const { port } = await redisOf()
    const before = await liftSails(lines(port))
    const visitor = before.browser()
    await visitor.post('/login')
    await before.close()

    const after = await liftSails(lines(port))

    const { body } = await after.browser().get('/me', { Cookie: visitor.cookie() })
    expect(body).toMatchObject({ userId: 7 })
  })

  it('002-23: serves all instances behind a load balancer', async () => {
    const { port } = await redisOf()
    const instances = [await liftSails(lines(port)), await liftSails(lines(port))]
    const visitor = instances[0]?.browser()
    await visitor?.post('/login')
    const headers = { Cookie: visitor?.cookie() ?? '' }

    const seen = await Promise.all(instances.map((app) => app.browser().get('/me', headers)))

    for (const { body } of seen) expect(body).toMatchObject({ userId: 7 })
  })

  it('002-24: needs no more than the line `adapter`', async () => {
    const { port } = await redisOf()
    const bare = `secret: '${secret}',\n    adapter: '@sailshq/connect-redis',`
    const environment = { sails_session__port: String(port) }

    const app = await liftSails(bare, { environment })

    expect(app.adapter).toBe('redis')
    expect((await app.browser().post('/login')).body).toMatchObject({ id: 7 })
  })

  it('002-25: is looked for on the same machine when only the port is told', async () => {
    const { port } = await redisOf()
    const app = await liftSails(`secret: '${secret}', adapter: 'redis', port: ${port}`)
    const visitor = app.browser()
    await visitor.post('/login')

    expect(app.app.config.session.host).toBeUndefined()
    expect((await visitor.get('/me')).body).toMatchObject({ userId: 7 })
  })

  it("002-24: is chosen by Sails' names of the environment, too", async () => {
    const { port } = await redisOf()
    const root = await sailsFolder("secret: 'too weak for production'", {
      '.sailsrc': '{ "session": { "adapter": "redis" } }',
    })
    const environment = {
      NODE_ENV: 'production',
      sails_session__secret: secret,
      sails_session__port: String(port),
    }

    const app = await liftSails('', { root, environment })

    expect(app).toMatchObject({ adapter: 'redis', environment: 'production' })
    expect(app.app.sources.get('session.secret')).toMatch(/environment/)
  })
})
