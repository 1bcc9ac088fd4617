/**
 * Checks lines of a shell against what there is: commands of the CLI with their options, scripts of package.json
 * and of a new app, files.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../../src/cli/program.ts'

const root = join(import.meta.dirname, '../..')

/** Gives what is wrong with each command of a block, or of a text in backticks. */
export async function faultsOf(code: string): Promise<string[]> {
  const lines = code.split('\n').map((line) => line.replace(/\s{2,}.*|\s#.*/, '').trim())
  const commands = lines.flatMap((line) => line.split(/\s*&&\s*/)).filter((line) => line !== '')
  const faults = await Promise.all(commands.map(faultOf))
  return faults.filter((fault) => fault !== undefined)
}

async function faultOf(line: string): Promise<string | undefined> {
  const words = line.replace(/^(\w+=\S* )+|^taskset -c 0 /, '').split(' ')
  const [program = '', first = '', ...rest] = words[0] === 'npx' ? words.slice(1) : words
  if (program === 'catamaran') return faultOfCommand(first, rest)
  if (program === 'npm') return faultOfNpm(first, rest)
  if (program === 'vitest') return faultOfTests([first, ...rest])
  return program === 'cd' ? undefined : `${line}: nothing is known of ${program}`
}

async function faultOfCommand(name: string, words: readonly string[]): Promise<string | undefined> {
  const help = await helpOf(name)
  if (!help.includes(`Usage: catamaran ${name} `))
    return `catamaran ${name}: there is no such command`
  const options = words.flatMap((word) => /^--([\w.]+)/.exec(word)?.[1] ?? [])
  const takesConfig = help.includes('--session.ttl')
  const unknown = options.find((option) => {
    return !help.includes(`--${option} `) && !(takesConfig && option.includes('.'))
  })
  return unknown && `catamaran ${name}: there is no --${unknown}`
}

/** Prints a command's help into a text. */
async function helpOf(name: string): Promise<string> {
  const printed: string[] = []
  const print = (text: string) => void printed.push(text)
  const paint = (_style: unknown, text: string) => text
  const terminal = { cwd: root, environment: {}, print, warn: print, progress: print }
  await runCommand([name, '--help'], { ...terminal, paint, paintWarning: paint })
  return printed.join('\n')
}

/** Scripts may be ours, or those of an app that `catamaran new` wrote. */
function faultOfNpm(verb: string, words: readonly string[]): string | undefined {
  if (['ci', 'install', 'uninstall', 'pkg'].includes(verb)) return undefined
  const name = verb === 'run' ? (words[0] ?? '') : verb
  const known = ['package.json', 'templates/app/_package.json'].flatMap((file) => {
    const { scripts } = JSON.parse(readFileSync(join(root, file), 'utf8')) as { scripts: object }
    return Object.keys(scripts)
  })
  return known.includes(name) ? undefined : `npm run ${name}: there is no such script`
}

function faultOfTests(words: readonly string[]): string | undefined {
  const missing = words.find((word) => word.startsWith('test/') && !existsSync(join(root, word)))
  return missing && `vitest: there is no ${missing}`
}
