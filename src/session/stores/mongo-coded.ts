/**
 * Session values that only the app's options of connect-mongo can read: encrypted (`crypto`,
 * `cryptoAdapter`) or of its own form (`serialize`, `unserialize`).
 */
import { documents, textOf, type Values } from './mongo-values.ts'

/** Encrypts and decrypts texts. */
export interface CryptoAdapter {
  encrypt(text: string): Promise<string>
  decrypt(text: string): Promise<string>
}

/** Makes of a session what is stored, and back. */
export interface Transform {
  serialize(session: unknown): unknown
  unserialize(value: unknown): unknown
}

interface Coding {
  adapter: CryptoAdapter | null
  /** Only where the app gave one. */
  transform: Transform | undefined
}

/**
 * Nothing can be foretold of such values: a swap reads what it replaces. A value that can't be read is
 * given as it is: it is no session, and who asks will see that.
 */
export function codedValues({ adapter, transform }: Coding): Values {
  async function decode(value: unknown): Promise<string> {
    if (!adapter || typeof value !== 'string') return shown(value)
    const text = await adapter.decrypt(value)
    const inner = parsed(text)
    if (transform) return shown(inner)
    // kruptein writes a text as JSON once more.
    return typeof inner === 'string' ? inner : text
  }

  function shown(value: unknown): string {
    return textOf(transform ? transform.unserialize(value) : value)
  }

  return {
    guess: () => undefined,
    async textOf(value) {
      try {
        return await decode(value)
      } catch {
        return textOf(value)
      }
    },
    async valueOf(text) {
      const value = transform ? transform.serialize(documents.valueOf(text)) : text
      if (!adapter) return value
      return adapter.encrypt(typeof value === 'string' ? value : JSON.stringify(value))
    },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
