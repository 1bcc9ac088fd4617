/** `catamaran secret`: a session secret from the system's random source. */
import { randomBytes } from 'node:crypto'
import { CatamaranError } from '../errors.ts'
import { command } from './command.ts'

const most = 1024

export const secret = command({
  summary: 'Print a fresh session secret',
  example: 'SESSION_SECRET=$(catamaran secret) catamaran lift --prod',
  options: {
    bytes: { type: 'string', value: 'count', default: '32', summary: 'How many random bytes' },
  },
  run({ bytes }, terminal) {
    const count = Number(bytes)
    if (!Number.isInteger(count) || count < 16 || count > most) {
      throw new CatamaranError('E_SECRET_BYTES', [bytes, String(most)])
    }
    terminal.print(randomBytes(count).toString('hex'))
    return 0
  },
})
