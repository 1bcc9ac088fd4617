import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { lifted, root, tempFolder, writeTemplate } from '../cli/run.ts'

/** Where our own modules stand. */
const source = pathToFileURL(join(root, 'src', '/')).href

describe('an app from the template, until its first answer', () => {
  let modules: readonly Module[]
  let loaded: readonly string[]

  beforeAll(async () => {
    modules = await loadedUntilFirstAnswer()
    loaded = modules.map(({ url }) => url)
  })

  it('loads these packages and no other', () => {
    expect(packagesOf(modules)).toEqual([
      'cookie-parser',
      'cosmiconfig',
      'express',
      'express-session',
      'helmet',
      'path-to-regexp',
      'socket.io',
      'zod',
    ])
  })

  it('loads neither the languages of zod nor the parser of command lines', () => {
    expect(loaded.filter((url) => /zod\/.*locales\/index|\/commander\//.test(url))).toEqual([])
  })

  it('loads of our own files only what it runs', () => {
    const own = loaded
      .map((url) => url.slice(source.length))
      .filter((_, index) => loaded[index]?.startsWith(source))

    expect(own.filter((file) => /^(cli|compat|client|testing)\//.test(file)).sort()).toEqual([
      'cli/app-folder.ts',
      'cli/command.ts',
      'cli/lift.ts',
      'cli/main.ts',
      'cli/overrides.ts',
      'cli/plain.ts',
      'cli/program.ts',
      'cli/signals.ts',
      'cli/terminal.ts',
    ])
    expect(
      own.filter((file) => /^session\/stores\/.*(redis|mongo|sqlite|connect(?!-face))/.test(file)),
    ).toEqual([])
    // Half a millisecond each: raise it for what every answer needs, import() the rest where it is used.
    // (Rotation and messages hang on every session object; the bounds of waiting stand before every store,
    // the client's two addresses before every session; a new app's page shows the public fields of its own; while it is developed, each session
    // is looked at for what comes too late; what an action returns is sent by a file of its own; req.sessionStore is at hand without a wait.)
    expect(own.length).toBeLessThan(150)
  })
})

interface Module {
  readonly url: string
  readonly askers: readonly string[]
}

/** Lifts the template as `npm start` does, asks it once and gives the address of every module it loaded. */
async function loadedUntilFirstAnswer(): Promise<readonly Module[]> {
  await using folder = await tempFolder()
  await writeTemplate(folder.path)
  const hooks = pathToFileURL(join(import.meta.dirname, 'loads.js')).href
  const flags = ['--conditions=@catamaran/source', `--import=${hooks}`]
  const words = [...flags, join(root, 'src', 'cli', 'main.ts'), 'lift', '--port', '0']
  const child = spawn(process.execPath, words, {
    cwd: folder.path,
    env: {
      ...process.env,
      NODE_ENV: undefined,
      SESSION_SECRET: 'a secret of this test and of no other',
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  await using app = await lifted(child)
  const { status } = await fetch(`${app.url}/me`)
  if (status !== 200) throw new Error(`the app answered ${status}`)
  child.send('list')
  const [list] = await once(child, 'message')
  return list
}

/** Catamaran's own dependencies that it has asked for; what those load themselves is their affair. */
function packagesOf(modules: readonly Module[]): string[] {
  const own = Object.keys(manifest.dependencies)
  const asked = modules.filter(({ askers }) => askers.some((url) => url.startsWith(source)))
  const names = asked.flatMap(
    ({ url }) => /^.*?\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? [],
  )
  return own.filter((name) => names.includes(name)).sort()
}
