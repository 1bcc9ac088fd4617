/**
 * Rules for the session secret, which depend on the environment: production refuses a missing or
 * weak one, elsewhere a missing one is made up for this run. Nothing here ever prints a secret.
 */
import { randomBytes } from '../builtin.ts'
import type { Layer } from './layers.ts'

/** Secrets that stand in guides and templates: everybody knows them. */
const samples = [
  'keyboard cat',
  'extremely-secure-keyboard-cat',
  'SocketStream',
  'secret',
  'my secret',
  'session secret',
  'super secret',
  'change me',
  'changeme',
  'your secret here',
  'password',
  '9238cca11a83d473e10981c49c4f',
]

const shortest = 32

/** True when no secret is set; templates pass on an empty environment variable as ''. */
export function isSecretMissing(secret: unknown): boolean {
  return secret === undefined || secret === null || secret === ''
}

/** Where a made-up secret came from. */
export const madeUp = 'made up for this run'

/** Makes up a secret that holds until this process ends. */
export function madeUpSecret(): Layer {
  const secret = randomBytes(32).toString('hex')
  return { source: madeUp, values: { session: { secret } } }
}

/** Says why a secret, or one of several, is weak; `undefined` when it is strong enough, or no text at all. */
export function weaknessOf(secret: unknown): string | undefined {
  if (!Array.isArray(secret)) return typeof secret === 'string' ? weaknessOfOne(secret) : undefined
  const faults = secret.map(weaknessOf)
  const index = faults.findIndex((fault) => fault !== undefined)
  return index === -1 ? undefined : `(number ${index + 1}) ${faults[index]}`
}

function weaknessOfOne(secret: string): string | undefined {
  if (secret === '') return undefined
  const bare = bareWords(secret)
  const isSample = samples.some((sample) => bareWords(sample) === bare) || /^s+h+$/.test(bare)
  if (isSample) return 'is a well-known sample'
  return secret.length < shortest ? `is shorter than ${shortest} characters` : undefined
}

function bareWords(secret: string): string {
  return secret.toLowerCase().replace(/[^a-z0-9]/g, '')
}
