import { type ChildProcess, execFileSync } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { io } from 'socket.io-client'
import { describe, expect, it, vi } from 'vitest'
import { createBrowser } from '../../src/testing/browser.ts'
import { type Lifted, lifted, printed, run, start, tempFolder, writeTemplate } from './run.ts'

const hello = 'api/controllers/hello.ts'

/** An app with `GET /hello` and what else is given, under `catamaran dev`. */
async function devApp(files: Readonly<Record<string, string>> = {}) {
  const folder = await tempFolder()
  await writeTemplate(folder.path)
  await writeFile(join(folder.path, '.env'), 'SESSION_SECRET=a secret of this test and no other\n')
  const routes = join(folder.path, 'config/routes.ts')
  const text = await readFile(routes, 'utf8')
  await writeFile(routes, text.replace('= {', "= {\n  'GET /hello': 'hello',"))
  for (const [name, content] of Object.entries({ [hello]: answering('one'), ...files })) {
    await mkdir(join(folder.path, name, '..'), { recursive: true })
    await writeFile(join(folder.path, name), content)
  }
  const dev = await lifted(start(['dev', '--port', '0'], { cwd: folder.path }))
  let all = dev.banner
  dev.child.stdout?.on('data', (chunk: Buffer) => {
    all += chunk
  })

  return {
    ...dev,
    /** All at once, as editors do: nobody sees half a file, however slow the machine is. */
    async write(name: string, content: string) {
      const [path, fresh] = [join(folder.path, name), join(folder.path, name, '../.fresh')]
      await writeFile(fresh, content)
      await rename(fresh, path)
    },
    path: (name: string) => join(folder.path, name),
    read: (name: string) => readFile(join(folder.path, name), 'utf8'),
    answer: async () => (await fetch(`${dev.url}/hello`)).text(),
    restarts: () => all.match(/restarted in \d+ ms/g)?.length ?? 0,
    async [Symbol.asyncDispose]() {
      await dev[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const policy = 'export default (req, res, next) => next()'

const answering = (word: string): string => `export default () => '${word}'\n`

/** Changes something and waits for the line that tells of the restart. */
async function restarted({ child }: Pick<Lifted, 'child'>, change: () => unknown): Promise<string> {
  const told = printed(child, /restarted in .*\n/)
  await change()
  return told
}

/** The processes that this one has started, by their ids. */
function childrenOf({ pid }: ChildProcess): string[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).split('\n')
  const pairs = lines.map((line) => line.trim().split(/\s+/))
  return pairs.flatMap(([own = '', parent]) => (parent === String(pid) ? [own] : []))
}

/** Writes which process the app begins in, and how many of those before are there still. */
const diary = `
  import { appendFileSync, existsSync, readFileSync } from 'node:fs'
  const isThere = (pid) => {
    try { return process.kill(pid, 0) } catch { return false }
  }
  export const bootstrap = () => {
    const before = existsSync('diary') ? readFileSync('diary', 'utf8').match(/^\\d+/gm) : []
    appendFileSync('diary', process.pid + ' beside ' + before.filter(isThere).length + '\\n')
  }
`

/** At its end it keeps the one that watches from going on, and looks for three seconds whether the next begins. */
const lingering = `
  const dev = process.ppid
  const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
  process.on('exit', () => {
    if (process.ppid !== dev) return
    pause(100)
    process.kill(dev, 'SIGSTOP')
    for (let times = 0; times < 30 && !/\\n./.test(readFileSync('diary', 'utf8')); times += 1) pause(100)
    process.kill(dev, 'SIGCONT')
  })
`

const forever = "export default () => (console.log('begins'), new Promise(() => {}))"

describe('catamaran dev', () => {
  it('runs the app, and again when a file changes, comes or goes, at the same address', async () => {
    await using app = await devApp()
    const first = await app.answer()

    const changed = await restarted(app, () => app.write(hello, answering('two')))
    const second = await app.answer()
    await mkdir(app.path('api/policies/deep'))
    const come = await restarted(app, () => app.write('api/policies/deep/new.ts', policy))
    const gone = await restarted(app, () => rm(app.path('api/policies/deep/new.ts')))

    expect([first, second]).toEqual(['one', 'two'])
    expect(changed).toMatch(/restarted in \d+ ms: api\/controllers\/hello\.ts\n/)
    expect(come).toMatch(/: api\/policies\/deep\/new\.ts\n/)
    expect(gone).toMatch(/: api\/policies\/deep\/new\.ts\n/)
    expect(await app.answer()).toBe('two')
  })

  it('restarts for .env and for imported files, not for assets, tests, packages or others', async () => {
    await using app = await devApp({
      [hello]:
        "import { word } from '../../lib/word.ts'\nexport default () => word + process.env.MORE",
      'lib/word.ts': "export const word = 'one'",
      'lib/other.ts': '',
      'node_modules/pack/index.js': '',
    })

    await app.write('lib/other.ts', 'export {}')
    await app.write('assets/page.css', '')
    await app.write('test/login.test.ts', '')
    await app.write('node_modules/pack/index.js', 'let a')
    await app.write('api/controllers/.hello.ts.swp', 'x')
    const library = await restarted(app, () =>
      app.write('lib/word.ts', "export const word = 'two'"),
    )
    const environment = await restarted(app, () => appendFile(app.path('.env'), 'MORE=more\n'))

    expect(library).toMatch(/: lib\/word\.ts\n/)
    expect(environment).toMatch(/: \.env\n/)
    expect(await app.answer()).toBe('twomore')
    expect(app.restarts()).toBe(2)
  })

  it('says what is wrong with a saved file, and waits for the next change', async () => {
    await using app = await devApp()

    const wrong = printed(app.child, /starts again when/, 'stderr')
    await app.write(hello, 'export default = 1')
    const said = await wrong
    const gone = app.answer()
    await expect(gone).rejects.toThrow()
    await restarted(app, () => app.write(hello, answering('mended')))

    expect(said).toContain('api/controllers/hello.ts')
    expect(said.match(/^error: /gm)).toHaveLength(1)
    expect(await app.answer()).toBe('mended')
  })

  it('sees a file come that an import misses, and one that blocked go', async () => {
    await using app = await devApp()

    const missing = printed(app.child, /starts again when/, 'stderr')
    await app.write(hello, "import '../../lib/late.ts'\nexport default () => 'late'")
    const said = await missing
    const late = await restarted(app, async () => {
      await mkdir(app.path('lib'))
      await app.write('lib/late.ts', '')
    })
    const blocked = printed(app.child, /blocks/)
    await app.write(hello, "console.log('blocks')\nwhile (true);")
    await blocked
    await restarted(app, () => app.write(hello, answering('on')))

    expect(said).toContain('lib/late.ts')
    expect(late).toContain('lib/late.ts')
    expect(await app.answer()).toBe('on')
  })

  it('makes one restart of many quick saves', async () => {
    await using app = await devApp()

    const told = await restarted(app, () => {
      // Stopped, it sees all of them at once, however slow the machine is.
      app.child.kill('SIGSTOP')
      for (let save = 0; save < 20; save += 1) {
        writeFileSync(app.path(hello), answering(String(save)))
        appendFileSync(app.path('api/controllers/account/me.ts'), '\n')
      }
      app.child.kill('SIGCONT')
    })
    await restarted(app, () => app.write('.env', ''))

    expect(told).toMatch(/ms: api\/controllers\/\S+ and 1 more\n/)
    expect(app.restarts()).toBe(2)
    expect(await app.answer()).toBe('19')
  })

  it('breaks off at a restart what is under way, and begins in a process of its own', async () => {
    await using app = await devApp({ 'config/bootstrap.ts': diary, [hello]: forever })
    const begins = printed(app.child, /begins/)
    const answer = app.answer().catch(() => 'broken off')
    await begins

    await restarted(app, () => app.write('.env', ''))
    await restarted(app, () => app.write('.env', 'MORE=more'))

    const lines = (await app.read('diary')).trim().split('\n')
    expect(lines.map((line) => line.replace(/^\d+ /, ''))).toEqual(Array(3).fill('beside 0'))
    expect(new Set(lines).size).toBe(3)
    expect(await answer).toBe('broken off')
  })

  it('restarts in a process that was there before the change', async () => {
    const pid = 'export default () => String(process.pid)'
    await using app = await devApp({ [hello]: pid })
    const first = await app.answer()
    const waiting = await vi.waitFor(() => {
      const [next] = childrenOf(app.child).filter((child) => child !== first)
      return next ?? Promise.reject(new Error('no other process is there'))
    }, 60_000)

    await restarted(app, () => app.write('.env', ''))

    expect(await app.answer()).toBe(waiting)
  })

  it('lifts the next only when the last has ended, also one that is long about it', async () => {
    await using app = await devApp({ 'config/bootstrap.ts': diary + lingering })

    await restarted(app, () => app.write(hello, answering('two')))

    const lines = (await app.read('diary')).trim().split('\n')
    expect(lines.map((line) => line.replace(/^\d+ /, ''))).toEqual(['beside 0', 'beside 0'])
    expect(await app.answer()).toBe('two')
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'ends with all its processes on %s, also while a request is under way',
    async (signal) => {
      await using app = await devApp({ [hello]: forever })

      const begins = printed(app.child, /begins/)
      const answer = app.answer().catch(() => 'broken off')
      await begins
      app.child.kill(signal)

      // Ended, and its output closed: every process that could write there is gone.
      expect((await app.end).code).toBe(signal === 'SIGKILL' ? null : 0)
      expect(await answer).toBe('broken off')
    },
  )

  it('keeps what is in SQLite, and sockets come back by themselves', async () => {
    await using app = await devApp()
    const file = 'config/session.ts'
    const text = await app.read(file)
    await restarted(app, () =>
      app.write(file, text.replace("// adapter: 'sqlite'", "adapter: 'sqlite'")),
    )
    const browser = createBrowser(app.url)
    await browser.put('/note', { note: 'kept' })
    const socket = io(app.url, { extraHeaders: { Cookie: browser.cookie() } })
    await new Promise((resolve) => socket.once('connect', () => resolve(undefined)))

    const back = new Promise((resolve) => socket.once('connect', () => resolve(undefined)))
    await restarted(app, () => app.write(hello, answering('two')))
    await back
    const overSocket = await socket.emitWithAck('get', { url: '/me' })
    const overHttp = await browser.get('/me')
    socket.close()

    expect(overSocket.body).toMatchObject({ note: 'kept', via: 'socket' })
    expect(overHttp.body).toMatchObject({ note: 'kept', via: 'http' })
    expect(app.banner).toMatch(/store +memory/)
  })

  it('says so when the app ends by itself, and goes on at the next change', async () => {
    await using app = await devApp({ [hello]: 'export default () => process.exit(3)' })

    const waits = printed(app.child, /starts again when/, 'stderr')
    await app.answer().catch(() => undefined)
    await waits
    await restarted(app, () => app.write(hello, answering('two')))

    expect(await app.answer()).toBe('two')
  })

  it('waits for a change when the app cannot lift at first, but not where there is none', async () => {
    await using folder = await tempFolder()
    const none = await run(['dev'], { cwd: folder.path })
    await writeTemplate(folder.path)
    await rm(join(folder.path, 'api/policies/is-logged-in.ts'))

    const child = start(['dev', '--port=0'], { cwd: folder.path })
    const wrong = await printed(child, /starts again when/, 'stderr')
    const up = lifted(child)
    await writeFile(join(folder.path, 'api/policies/is-logged-in.ts'), 'export default () => 1')
    await using app = await up

    expect(none).toMatchObject({ code: 1, out: '' })
    expect(none.err).toContain('There is no app in')
    expect(wrong).toContain("no policy 'is-logged-in'")
    expect((await fetch(`${app.url}/me`)).status).toBe(200)
  })
})
