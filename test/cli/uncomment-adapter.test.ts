import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeOwnRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { ended, type Lifted, lifted, type Ran, run, tempFolder } from './run.ts'

type Folder = Awaited<ReturnType<typeof tempFolder>>

describeOwnRedis('an app as `catamaran new --install` writes it', () => {
  let folder: Folder
  let app: string
  let redis: TestRedis

  beforeAll(async () => {
    folder = await tempFolder()
    app = join(folder.path, 'blog')
    redis = await startRedis({ own: true })
    const { code, err } = await run(['new', 'blog', '--install'], { cwd: folder.path })
    if (code !== 0) throw new Error(err)
  })

  afterAll(async () => {
    await redis?.close()
    await folder?.[Symbol.asyncDispose]()
  })

  it('brings a Node that can run it', async () => {
    const { out } = await inApp('node', ['--version'])

    expect(out).toMatch(/^v24\./)
  })

  it('passes its own tests', async () => {
    const { code, out, err } = await inApp('npm', ['test'])

    expect(code, out + err).toBe(0)
    expect(out).toMatch(/pass [1-9]/)
    expect(out).toMatch(/fail 0/)
  })

  it('has types that hold', async () => {
    const { code, out } = await inApp('npm', ['run', 'types'])

    expect(code, out).toBe(0)
  })

  it('logs everybody out at a restart, as long as memory is its store', async () => {
    const { before, after } = await loginAndRestart()

    expect(before).toMatchObject({ userId: 'ada' })
    expect(after).toMatchObject({ userId: null })
  })

  it("keeps everybody logged in once `adapter: 'redis'` is uncommented", async () => {
    const file = join(app, 'config', 'session.ts')
    const text = await readFile(file, 'utf8')
    const uncommented = text.replace(/^( *)\/\/ (adapter: 'redis',)$/m, '$1$2')
    await writeFile(file, uncommented)

    const { before, after, banner } = await loginAndRestart()

    expect(uncommented).not.toBe(text)
    expect(banner).toMatch(/^ *store +redis$/m)
    expect(before).toMatchObject({ userId: 'ada' })
    expect(after).toMatchObject({ userId: 'ada' })
  })

  /** Logs in, stops the app, lifts it again and asks with the same cookie. */
  async function loginAndRestart() {
    const first = await lift()
    const login = await fetch(`${first.url}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'ada', password: 'lovelace' }),
    })
    const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? ''
    const before = await me(first, cookie)
    await stop(first)

    await using second = await lift()
    const after = await me(second, cookie)
    await stop(second)
    return { before, after, banner: second.banner }
  }

  async function lift(): Promise<Lifted> {
    const port = String(redis.port)
    return lifted(
      startInApp('catamaran', ['lift', '--port', '0'], { CATAMARAN_SESSION__PORT: port }),
    )
  }

  async function inApp(program: string, words: readonly string[]): Promise<Ran> {
    return ended(startInApp(program, words))
  }

  /** Runs a program as npm's scripts do: what the app has installed comes first. */
  function startInApp(program: string, words: readonly string[], env: Record<string, string> = {}) {
    const PATH = [join(app, 'node_modules', '.bin'), process.env['PATH']].join(delimiter)
    return spawn(program, words, {
      cwd: app,
      env: { ...process.env, NODE_ENV: undefined, NODE_OPTIONS: undefined, PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }
})

async function me({ url }: Lifted, cookie: string): Promise<unknown> {
  const answer = await fetch(`${url}/me`, { headers: { cookie } })
  return answer.json()
}

async function stop(app: Lifted): Promise<void> {
  app.child.kill('SIGTERM')
  const { code, err } = await app.end
  expect(code, err).toBe(0)
}
