import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'

const script = join(import.meta.dirname, 'services.js')

describe('npm run services', () => {
  let bin: string
  beforeEach(async () => {
    bin = await mkdtemp(join(tmpdir(), 'catamaran-services-'))
    return () => rm(bin, { recursive: true })
  })

  /** Puts commands on an otherwise empty PATH; they only write down how they were called. */
  async function put(...names: string[]): Promise<void> {
    for (const name of names) {
      const call = `[ "$1" = --version ] || echo "${name} $*" >> ${bin}/calls`
      await writeFile(join(bin, name), `#!/bin/sh\n${call}\n`)
      await chmod(join(bin, name), 0o755)
    }
  }

  async function services() {
    const env = { PATH: bin }
    const { status, stderr } = spawnSync(process.execPath, [script], { env, encoding: 'utf8' })
    return { status, stderr, calls: await readFile(join(bin, 'calls'), 'utf8').catch(() => '') }
  }

  it('installs nothing where all is there', async () => {
    await put('redis-server', 'chromium', 'haproxy', 'nginx', 'psql', 'apt-get', 'env', 'sudo')

    expect(await services()).toEqual({ status: 0, stderr: '', calls: '' })
  })

  it('installs by apt-get only what is missing', async () => {
    await put('chromium', 'haproxy', 'nginx', 'psql', 'apt-get', 'env', 'sudo')

    const { status, calls } = await services()

    expect(status).toBe(0)
    expect(calls).toMatch(/apt-get --yes update\n.*install --no-install-recommends redis-server\n$/)
  })

  it('installs by Homebrew where there is no apt-get', async () => {
    await put('redis-server', 'haproxy', 'nginx', 'psql', 'brew')

    const { calls } = await services()

    expect(calls).toBe('brew install --cask chromium\n')
  })

  it('says what to install where it can’t', async () => {
    const { status, stderr } = await services()

    expect(status).toBe(1)
    expect(stderr).toContain(
      'install redis-server and chromium and haproxy and nginx and psql yourself',
    )
  })
})
