/**
 * Getting in by SCRAM-SHA-256, as MongoDB's users do; without a user everybody is let in.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'
import { bson, type Doc, Refusal } from './bson.ts'

/** One connection, and whether it has proved who it is. */
export interface Peer {
  isIn: boolean
  exchange?: Exchange | undefined
}

interface Exchange {
  readonly user: string
  readonly first: string
  readonly challenge: string
  readonly nonce: string
}

export interface Account {
  readonly user: string
  readonly password: string
}

const rounds = 15_000
const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest()
const textOf = (payload: unknown) =>
  Buffer.from((payload as { buffer: Uint8Array }).buffer).toString()
const binary = (text: string) => new bson.Binary(Buffer.from(text))
const failed = () => new Refusal(18, 'AuthenticationFailed', 'Authentication failed.')

/** What may be said before. */
const open = new Set([
  'hello',
  'ismaster',
  'isMaster',
  'saslStart',
  'saslContinue',
  'ping',
  'buildInfo',
  'endSessions',
])

export function createAuth(account: Account | undefined) {
  const salt = randomBytes(28)
  let salted: Buffer | undefined

  function start(command: Doc, peer: Peer): Doc {
    if (command['mechanism'] !== 'SCRAM-SHA-256') {
      throw new Refusal(334, 'MechanismUnavailable', 'only SCRAM-SHA-256 is here')
    }
    const first = textOf(command['payload']).replace(/^n,,/, '')
    const [, user = '', theirs = ''] = /n=([^,]*),r=(.*)$/.exec(first) ?? []
    const nonce = theirs + randomBytes(24).toString('base64')
    const challenge = `r=${nonce},s=${salt.toString('base64')},i=${rounds}`
    peer.exchange = { user, first, challenge, nonce }
    return { conversationId: 1, done: false, payload: binary(challenge) }
  }

  function proceed(command: Doc, peer: Peer): Doc {
    const { exchange } = peer
    if (!exchange) throw new Refusal(17, 'ProtocolError', 'No SASL session')
    if (peer.isIn) return { conversationId: 1, done: true, payload: binary('') }
    const [, without = '', proof = ''] = /^(.*),p=(.*)$/.exec(textOf(command['payload'])) ?? []
    salted ??= pbkdf2Sync(account?.password ?? '', salt, rounds, 32, 'sha256')
    const whole = `${exchange.first},${exchange.challenge},${without}`
    const clientKey = hmac(salted, 'Client Key')
    const signature = hmac(sha256(clientKey), whole)
    const given = Buffer.from(proof, 'base64')
    if (given.length !== signature.length || exchange.user !== account?.user) throw failed()
    const key = Buffer.from(given.map((byte, n) => byte ^ (signature[n] ?? 0)))
    if (!timingSafeEqual(sha256(key), sha256(clientKey))) throw failed()
    peer.isIn = true
    const verifier = hmac(hmac(salted, 'Server Key'), whole).toString('base64')
    return { conversationId: 1, done: true, payload: binary(`v=${verifier}`) }
  }

  return {
    start,
    proceed,
    check(name: string, peer: Peer): void {
      if (!account || peer.isIn || open.has(name)) return
      throw new Refusal(13, 'Unauthorized', `Command ${name} requires authentication`)
    },
    /** What `hello` says of it. */
    greeting(command: Doc, peer: Peer): Doc {
      const early = command['speculativeAuthenticate'] as Doc | undefined
      return {
        ...(command['saslSupportedMechs'] ? { saslSupportedMechs: ['SCRAM-SHA-256'] } : {}),
        ...(early?.['mechanism'] === 'SCRAM-SHA-256' && account
          ? { speculativeAuthenticate: start(early, peer) }
          : {}),
      }
    },
  }
}

export type Auth = ReturnType<typeof createAuth>
