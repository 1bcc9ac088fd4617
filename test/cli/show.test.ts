import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run, tempFolder, writeTemplate } from './run.ts'

const secret = 'a secret nobody may read on a screen'

async function newApp() {
  const folder = await tempFolder()
  await writeTemplate(folder.path)
  await writeFile(join(folder.path, '.env'), `SESSION_SECRET=${secret}\n`)
  return folder
}

describe('catamaran routes', () => {
  it('prints verb, path and target in columns', async () => {
    await using app = await newApp()

    const { code, out } = await run(['routes'], { cwd: app.path })

    expect(code).toBe(0)
    expect(out).toMatch(/^POST {2}\/login +account\/login$/m)
    expect(out).toMatch(/^GET {3}\/me +account\/me$/m)
  })

  it('prints the same as JSON', async () => {
    await using app = await newApp()

    const { out } = await run(['routes', '--json'], { cwd: app.path })

    expect(JSON.parse(out)).toContainEqual({ verb: 'PUT', path: '/note', target: 'note/update' })
  })
})

describe('catamaran config', () => {
  it('prints every value and where it came from', async () => {
    await using app = await newApp()

    const { code, out } = await run(['config', '--session.ttl=60'], {
      cwd: app.path,
      env: { CATAMARAN_PORT: '4000' },
    })

    expect(code).toBe(0)
    expect(out).toMatch(/^session\.ttl +60 +command line/m)
    expect(out).toMatch(/^session\.adapter +'memory' +default$/m)
    expect(out).toMatch(/^routes.*account\/login.* config\/routes\.ts$/m)
    expect(out).toMatch(/^port +4000 +.*CATAMARAN_PORT/m)
  })

  it('keeps the secret to itself', async () => {
    await using app = await newApp()

    const [table, json] = await Promise.all([
      run(['config'], { cwd: app.path }),
      run(['config', '--json'], { cwd: app.path }),
    ])

    expect(table.out).toMatch(/^session\.secret/m)
    expect(table.out).not.toContain(secret)
    expect(JSON.parse(json.out)).toContainEqual(expect.objectContaining({ path: 'session.secret' }))
    expect(json.out).not.toContain(secret)
  })

  it('lets what is set win over .env', async () => {
    await using app = await newApp()
    await writeFile(join(app.path, '.env'), 'CATAMARAN_SESSION__TTL=60\n')

    const [file, set] = await Promise.all([
      run(['config'], { cwd: app.path }),
      run(['config'], { cwd: app.path, env: { CATAMARAN_SESSION__TTL: '70' } }),
    ])

    expect(file.out).toMatch(/^session\.ttl +60 /m)
    expect(set.out).toMatch(/^session\.ttl +70 /m)
  })
})
