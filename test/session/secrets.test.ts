/**
 * P11: how signatures are compared, and how much of what was verified is remembered: by counted comparisons
 * in a process of its own, where Node's own comparison can be watched before anything takes it.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const run = promisify(execFile)
const source = join(import.meta.dirname, '..', '..', 'src', 'session', 'cookie.ts')

/**
 * Runs a script with `signer`, `old` (of the second secret), `header(value, before)`, the `compared` pairs and
 * `used()` heap in a process of its own; gives what it passes to `say`.
 */
async function told(script: string): Promise<unknown> {
  const ground = `
    const crypto = process.getBuiltinModule('node:crypto')
    const compare = crypto.timingSafeEqual
    const compared = []
    crypto.timingSafeEqual = (...pair) => {
      compared.push(pair.map(String))
      return compare(...pair)
    }
    const { createSigner } = await import(${JSON.stringify(source)})
    const signer = createSigner('sid', ['new', 'old'])
    const old = createSigner('sid', ['old'])
    const header = (value, before = '') => before + 'sid=' + encodeURIComponent(value)
    const used = () => (gc(), process.memoryUsage().heapUsed)
    const say = (value) => console.log(JSON.stringify(value))
  `
  const args = ['--expose-gc', '--input-type=module', '-e', ground + script]
  return JSON.parse((await run(process.execPath, args)).stdout)
}

describe('P11: a signature', () => {
  it('is compared with that of each secret in constant time', async () => {
    const pairs = (await told(`
      signer.idsIn(header(old.sign('a')))
      signer.idsIn(header('s:a.' + 'x'.repeat(43)))
      say({ compared, signatures: [signer, old].map((one) => one.sign('a').slice(4)) })
    `)) as { compared: string[][]; signatures: string[] }

    const [first, second] = pairs.signatures
    const forged = 'x'.repeat(43)
    expect(pairs.compared).toEqual([
      [second, first],
      [second, second],
      [forged, first],
      [forged, second],
    ])
  })

  it('that is forged is compared each time anew, a proper one once', async () => {
    const counts = await told(`
      const counts = ['s:a.' + 'x'.repeat(43), signer.sign('a')].map((value) => {
        compared.length = 0
        for (let n = 0; n < 10; n += 1) signer.idsIn(header(value))
        for (let n = 0; n < 10; n += 1) signer.idsIn(header(value, 'n=' + n + '; '))
        return compared.length
      })
      say(counts)
    `)

    expect(counts).toEqual([20 * 2, 1])
  })
})

describe('P11: verified cookies', () => {
  it('stay remembered, however many forged ones come', async () => {
    const counts = await told(`
      const value = signer.sign('a')
      signer.idsIn(header(value))
      for (let n = 0; n < 10_001; n += 1) signer.idsIn(header('s:' + n + '.' + 'x'.repeat(43)))
      const forged = compared.length
      signer.idsIn(header(value, 'n=1; '))
      say([forged, compared.length])
    `)

    expect(counts).toEqual([1 + 10_001 * 2, 1 + 10_001 * 2])
  })

  it('are remembered 10,000 at most', async () => {
    const remembered = await told(`
      const values = Array.from({ length: 100_000 }, (_, n) => signer.sign('id' + n))
      for (const value of values) signer.idsIn(header(value))
      const without = values.filter((value) => {
        compared.length = 0
        // Another header, so that only the value can be known.
        const [found] = signer.idsIn(header(value, 'x'.repeat(1_000) + '; '))
        return found && compared.length === 0
      })
      say(without.length)
    `)

    expect(remembered).toBeLessThanOrEqual(10_000)
  })

  it.each([
    ['as it is, in short headers', `s + '; n=' + 'x'.repeat(900) + n`],
    ['encoded in all ways, in long headers', `'n=' + 'x'.repeat(15_000) + n + '; ' + encoded(n)`],
  ])('take no more memory when one comes %s, however often', async (_, text) => {
    const grown = await told(`
      const s = header(signer.sign('x'.repeat(24)))
      // The same value in 2 ** 17 spellings: each x of the first may be %78.
      const encoded = (n) => {
        const letters = Array.from({ length: 17 }, (_, at) => ((n >> at) & 1 ? '%78' : 'x'))
        return s.replace('x'.repeat(17), letters.join(''))
      }
      const before = used()
      let found = 0
      for (let n = 0; n < 30_000; n += 1) {
        // As it comes from a connection, in one piece.
        const sent = Buffer.from(${text}).toString('latin1')
        found += signer.idsIn(sent).length
      }
      say({ found, grown: (used() - before) / 2 ** 20 })
      signer.idsIn('')
    `)

    expect(grown).toMatchObject({ found: 30_000 })
    expect((grown as { grown: number }).grown).toBeLessThan(20)
  })
})
