import { describe, expect, it } from 'vitest'
import { command } from '../../src/cli/command.ts'
import { parseLine } from '../../src/cli/parser.ts'
import { type Options, readPlainly } from '../../src/cli/plain.ts'

const sail = command({
  summary: 'Sail',
  example: 'catamaran sail',
  options: {
    port: { type: 'string', summary: 'Where to' },
    knots: { type: 'string', default: '7', summary: 'How fast' },
    prod: { type: 'boolean', summary: 'In earnest' },
  },
  run: () => 0,
})

describe('a plain command line', () => {
  it.each([
    [[]],
    [['--prod']],
    [['--verbose', '--prod', '--prod']],
    [['--port', '80']],
    [['--port=80', '--knots', '9']],
    [['--port=80', '--port', '81']],
    [['--port=--prod']],
    [['--port= 8\n0 ']],
    [['--port=a=b']],
  ])('reads %j as the parser library does', async (words) => {
    expect(readPlainly(words, sail)).toEqual(await byLibrary(words))
  })

  it.each([
    [['--help']],
    [['-h']],
    [['--prot', '80']],
    [['--port']],
    [['--port', '']],
    [['--port=']],
    [['--port', '--prod']],
    [['--prod=yes']],
    [['--prod', 'harbour']],
    [['--']],
    [['--constructor']],
  ])('leaves %j to the library', (words) => {
    expect(readPlainly(words, sail)).toBeUndefined()
  })

  it('has no word that is no option', () => {
    const operands = [{ name: 'dir', summary: 'Where' }]

    expect(readPlainly(['--prod'], { ...sail, operands })).toBeUndefined()
  })
})

/** The options the library reads from the same words. */
async function byLibrary(words: readonly string[]): Promise<Options | undefined> {
  let read: Options | undefined
  const silent = () => {}
  await parseLine(['sail', ...words], {
    commands: new Map([['sail', sail]]),
    terminal: {
      cwd: '.',
      environment: {},
      print: silent,
      warn: silent,
      progress: silent,
      paint: (_style, text) => text,
      paintWarning: (_style, text) => text,
    },
    run: async (_command, options) => {
      read = options
      return 0
    },
  })
  return read
}
