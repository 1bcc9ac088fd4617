// Builds dist/ with tsc. An installed package comes with dist/ and without tsc: then there is nothing to do.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const compiler = findCompiler()
if (!compiler) {
  if (existsSync(join(root, 'dist', 'index.js'))) process.exit(0)
  console.error(
    'catamaran: dist/ is missing and TypeScript is not installed: run `npm install` here.',
  )
  process.exit(1)
}
rmSync(join(root, 'dist'), { recursive: true, force: true })
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
process.exit(status ?? 1)

function findCompiler() {
  try {
    const manifest = createRequire(import.meta.url).resolve('typescript/package.json')
    return join(dirname(manifest), 'bin', 'tsc')
  } catch {
    return undefined
  }
}
