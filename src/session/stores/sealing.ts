/**
 * Sealing: a session's text as AES-256-GCM keeps it, and back. A sealed text opens under its own id only,
 * with one of the app's secrets. Knows no store.
 *
 * The same text under the same id seals to the same: the initialisation vector is a keyed hash of the text
 * instead of chance. So the text that a swap must find in the store can be told from the session's text,
 * in any process; what an onlooker learns is that a session is again as it was. The key is one of the id
 * alone, so no key ever seals many texts.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5869 for the derivation of keys
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'

export interface Sealing {
  seal(id: string, text: string): string
  /** Gives the text; one that was never sealed as it is; `undefined` when no secret opens it. */
  open(id: string, stored: string): string | undefined
}

const algorithm = 'aes-256-gcm'
const ivBytes = 12
const tagBytes = 16
/** Sealed texts are JSON objects too: some stores keep documents. A session has its cookie in it. */
const sealedForm = /^\{\s*"encrypted"\s*:\s*"1\.([\w-]+)"\s*\}$/

/**
 * @param secrets - the first seals, all open
 * @param purpose - what is sealed for one purpose opens for no other
 */
export function createSealing(
  secrets: readonly [string, ...string[]],
  purpose = 'sessions at rest',
): Sealing {
  const masters = secrets.map((secret) => masterOf(secret, purpose)) as [KeyObject, ...KeyObject[]]

  function open(id: string, stored: string): string | undefined {
    const sealed = sealedForm.exec(stored)?.[1]
    if (sealed === undefined) return stored
    const bytes = Buffer.from(sealed, 'base64url')
    for (const master of masters) {
      const text = unseal(keysOf(master, id), id, bytes)
      if (text !== undefined) return text
    }
    return undefined
  }

  return {
    open,
    seal: (id, text) => `{"encrypted":"1.${seal(keysOf(masters[0], id), id, text)}"}`,
  }
}

interface Keys {
  readonly cipher: KeyObject
  readonly iv: KeyObject
}

function masterOf(secret: string, purpose: string): KeyObject {
  const bytes = hkdfSync('sha256', secret, '', `catamaran: ${purpose}`, 32)
  return createSecretKey(Buffer.from(bytes))
}

/** Key objects, since Node takes many times as long to begin with a key's bytes. */
function keysOf(master: KeyObject, id: string): Keys {
  const both = createHmac('sha512', master).update(id).digest()
  return {
    cipher: createSecretKey(both.subarray(0, 32)),
    iv: createSecretKey(both.subarray(32)),
  }
}

function seal(keys: Keys, id: string, text: string): string {
  const iv = createHmac('sha256', keys.iv).update(text).digest().subarray(0, ivBytes)
  const cipher = createCipheriv(algorithm, keys.cipher, iv).setAAD(Buffer.from(id))
  const bytes = [iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
  return Buffer.concat(bytes).toString('base64url')
}

function unseal(keys: Keys, id: string, bytes: Buffer): string | undefined {
  if (bytes.length < ivBytes + tagBytes) return undefined
  try {
    const iv = bytes.subarray(0, ivBytes)
    const cipher = createDecipheriv(algorithm, keys.cipher, iv, { authTagLength: tagBytes })
    cipher.setAAD(Buffer.from(id)).setAuthTag(bytes.subarray(-tagBytes))
    const text = cipher.update(bytes.subarray(ivBytes, -tagBytes))
    return Buffer.concat([text, cipher.final()]).toString()
  } catch {
    return undefined
  }
}
