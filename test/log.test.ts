import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { shortHash } from '../src/session/published.ts'
import { createBrowser } from '../src/testing/browser.ts'
import { liftChild } from './support/child-app.ts'

const log = join(import.meta.dirname, '..', 'src', 'log.ts')
const run = promisify(execFile)

/** What a process of its own prints that logs at all levels, then ends at once. */
async function printed(config: object): Promise<string> {
  const script = `
    import { createLog } from ${JSON.stringify(log)}
    const log = createLog(${JSON.stringify(config)})
    log.trace('of no use')
    log.info('all is well')
    log.warn('careful')
    log.error({ err: new Error('broken') }, 'it broke')
    log.error({ err: 'a text was thrown' }, 'a text was thrown')
    process.exit(0)
  `
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined }
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { env })
  return stdout
}

describe('the log', () => {
  it('writes JSON lines where nobody looks on', async () => {
    const lines = (await printed({ level: 'info' })).trimEnd().split('\n')

    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 30, msg: 'all is well', time: expect.any(Number) },
      { level: 40, msg: 'careful' },
      { level: 50, msg: 'it broke', err: { message: 'broken', stack: expect.any(String) } },
      { level: 50, msg: 'a text was thrown' },
    ])
  })

  it('writes lines for people where they ask for it', async () => {
    const lines = (await printed({ level: 'info', pretty: true })).split('\n')

    expect(lines.slice(0, 4)).toEqual([
      'info  all is well',
      'warn  careful',
      'error it broke',
      'Error: broken',
    ])
    expect(lines).toContain('error a text was thrown')
  })

  it('leaves out what is below its level', async () => {
    expect(await printed({ level: 'error' })).not.toContain('careful')
    expect(await printed({ level: 'trace' })).toContain('of no use')
    expect(await printed({ level: 'silent' })).toBe('')
  })
})

describe('a session id', () => {
  it('is named by a short hash that does not give it away', () => {
    const id = 'abcdefghijklmnopqrstuvwxyz012345'

    expect(shortHash(id)).toMatch(/^[\w-]{8}$/)
    expect(shortHash(id)).toBe(shortHash(id))
    expect(shortHash(id)).not.toBe(shortHash(`${id}6`))
    expect(id).not.toContain(shortHash(id))
  })

  it('stands nowhere in what an app logs', async () => {
    const app = await liftChild({
      routes: `{
        'POST /login': (req) => { req.session.userId = 'ada'; return {} },
        'POST /slow': async (req) => {
          req.session.slow = 1
          await new Promise((resolve) => setTimeout(resolve, 200))
          return {}
        },
        'POST /logout': async (req) => { await req.session.destroy(); return {} },
        'GET /throw': (req) => { throw new Error('thrown') },
        'GET /value': (req) => { req.session.value = 1n; return {} },
        'GET /stream': (req, res) => {
          res.write('begun')
          setTimeout(() => { req.session.late = 1; res.end() }, 20)
        },
      }`,
      log: { level: 'trace' },
    })
    const browser = createBrowser(app.url)
    onTestFinished(() => browser.close())
    await browser.post('/login')
    const cookie = browser.cookie()
    const [, id = ''] = /s%3A([^.]+)/.exec(cookie) ?? []

    for (const path of ['/throw', '/value', '/stream']) await browser.get(path)
    await browser.emit('GET /throw')
    const slow = browser.post('/slow')
    await browser.post('/logout')
    await slow
    const out = await app.stop()

    expect(id).toHaveLength(32)
    expect(out).toContain('thrown')
    expect(out).toContain('E_SESSION_SEALED')
    expect(out).toContain(`session ${shortHash(id)}: late changes were dropped`)
    expect(out).not.toContain(id)
    expect(out).not.toContain(cookie.split('=')[1]?.slice(-20))
  })
})
