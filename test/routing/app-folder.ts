/** An app's folder on disk, for one test. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Writes the files into a fresh folder that lives as long as the test; gives its path. */
export async function appFolder(
  files: Readonly<Record<string, string>>,
  type: 'module' | 'commonjs' = 'module',
): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'catamaran-routing-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  for (const [file, text] of Object.entries({
    'package.json': JSON.stringify({ type }),
    ...files,
  })) {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), text)
  }
  return root
}
