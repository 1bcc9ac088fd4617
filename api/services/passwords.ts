/** Passwords are kept as scrypt hashes: `salt:hash`, both in hex. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'

const cost: ScryptOptions = { N: 16_384, r: 8, p: 5 }
const bytes = 32

/** What to store for a new password. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  return `${salt.toString('hex')}:${(await derive(password, salt)).toString('hex')}`
}

/** Without a stored hash the answer is no, after the same work as with one. */
export async function passwordMatches(password: string, stored?: string): Promise<boolean> {
  const [salt = '', hash = ''] = stored?.split(':') ?? ['00'.repeat(16), '00'.repeat(bytes)]
  const derived = await derive(password, Buffer.from(salt, 'hex'))
  return timingSafeEqual(derived, Buffer.from(hash, 'hex')) && stored !== undefined
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  scrypt(password, salt, bytes, cost, (error, key) => (error ? reject(error) : resolve(key)))
  return promise
}
