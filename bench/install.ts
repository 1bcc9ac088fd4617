/**
 * The peers' packages: the bench keeps its own, so that an app never gets them.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Installs what `bench/package-lock.json` names, unless it is there. */
export async function installPackages(): Promise<void> {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  if (existsSync(`${folder}/node_modules`)) return
  process.stderr.write('Installing the packages of the peers into bench/node_modules, once\n')
  // npm's own words go beside the results, not among them.
  const stdio = ['ignore', 2, 2] as const
  const npm = spawn('npm', ['ci', '--no-fund', '--no-audit'], { cwd: folder, stdio: [...stdio] })
  const [code] = await once(npm, 'exit')
  if (code === 0) return
  throw new Error(
    'The packages of the peers could not be installed (npm said why above); `--no-install` uses those of the folder above',
  )
}
