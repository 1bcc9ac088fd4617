import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { shortHash } from '../src/session/published.ts'
import { createBrowser } from '../src/testing/browser.ts'
import { runHere } from './cli/run.ts'
import { createSqliteGround } from './session/stores/sqlite-ground.ts'
import { appFolder, strongSecret } from './support/app-folder.ts'
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

  it('P15: stands nowhere in what an app prints, nor do what signs it and the secret', async () => {
    const { file } = await createSqliteGround()
    const app = await liftChild({
      routes: `{
        'POST /login': (req) => { req.session.userId = 'ada'; return {} },
        'POST /rotate': async (req) => { await req.session.rotate(); return {} },
        'POST /slow': async (req) => {
          req.session.slow = 1
          await new Promise((resolve) => setTimeout(resolve, 200))
          return {}
        },
        'POST /logout': async (req) => { await req.session.destroy(); return {} },
        'GET /me': (req) => ({ userId: req.session.userId ?? null }),
        'GET /throw': (req) => { throw new Error('thrown') },
        'GET /value': (req) => { req.session.value = 1n; return {} },
        'GET /stream': (req, res) => {
          res.write('begun')
          setTimeout(() => { req.session.late = 1; res.end() }, 20)
        },
      }`,
      log: { level: 'trace' },
      session: { adapter: 'sqlite', file, user: 'userId' },
    })
    const browser = createBrowser(app.url)
    onTestFinished(() => browser.close())
    const ids: string[] = []
    const signatures: string[] = []
    const note = () => {
      const [, id = '', signature = ''] = /s%3A([^.]+)\.([^;]+)/.exec(browser.cookie()) ?? []
      ids.push(id)
      signatures.push(signature, decodeURIComponent(signature))
    }
    await browser.post('/login')
    note()
    await browser.emit('GET /me')
    for (const path of ['/throw', '/value', '/stream']) await browser.get(path)
    for (const path of ['/throw', '/value', '/nowhere']) await browser.emit(`GET ${path}`)
    await browser.post('/rotate')
    note()
    await browser.emit('POST /rotate')
    const listed = await listOf(file)
    spoil(file)
    await browser.get('/me')
    await browser.post('/login')
    note()
    const slow = browser.post('/slow')
    await browser.emit('POST /logout')
    await slow
    const out = await app.stop()

    expect(ids.map(({ length }) => length)).toEqual([32, 32, 32])
    expect(new Set(ids).size).toBe(3)
    for (const part of ['thrown', 'E_SESSION_SEALED', 'E_SESSION_VALUE', '/nowhere']) {
      expect(out).toContain(part)
    }
    expect(out).toContain(`session ${shortHash(ids[1] ?? '')}: its stored text can't be read`)
    expect(out).toContain(`session ${shortHash(ids[2] ?? '')}: late changes were dropped`)
    expect(listed).toContain(`"session":"${shortHash(ids[1] ?? '')}"`)
    for (const hidden of [...ids, ...signatures, strongSecret]) {
      expect(out + listed).not.toContain(hidden)
    }
  })
})

/** What `catamaran sessions list --json` says of a file. */
async function listOf(file: string): Promise<string> {
  const session = JSON.stringify({ secret: strongSecret, adapter: 'sqlite', file })
  const cwd = await appFolder({ 'config/session.mjs': `export const session = ${session}` })
  const { out, err } = await runHere(['sessions', 'list', '--json'], cwd)
  return out + err
}

/** Makes all texts of a file none that can be read. */
function spoil(file: string): void {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const database = new DatabaseSync(file, { timeout: 5_000 })
  database.exec("UPDATE sessions SET data = '{'")
  database.close()
}
