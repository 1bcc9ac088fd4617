/**
 * Who listens to which channels of Redis, whichever connection there is: each new one subscribes to all of
 * them again.
 */

/** Channels or patterns, and who hears of them: message first, then the channel. */
type Listener = (message: Buffer, channel: Buffer) => unknown
type Method = 'subscribe' | 'pSubscribe'

/** A connection that listens. */
export interface ListeningClient {
  subscribe(channels: string[], listener: Listener, asBuffers: true): Promise<unknown>
  pSubscribe(patterns: string[], listener: Listener, asBuffers: true): Promise<unknown>
  unsubscribe(channels: string[]): Promise<unknown>
  pUnsubscribe(patterns: string[]): Promise<unknown>
}

interface Entry {
  readonly method: Method
  readonly channel: string
  readonly listener: Listener
}

export interface Listeners {
  /** The subscribing methods of a node-redis client; none of them ever fails. */
  readonly subscriber: object
  /**
   * Listens on this connection from now on; `failed` is told when it can't.
   *
   * @returns whether it does, to all channels
   */
  moveTo(client: ListeningClient, failed: (error: unknown) => void): Promise<boolean>
}

export function createListeners(): Listeners {
  let entries: Entry[] = []
  let client: ListeningClient | undefined
  let onFailure = (_error: unknown) => {}

  async function listen({ method, channel, listener }: Entry): Promise<boolean> {
    try {
      await client?.[method]([channel], listener, true)
      return true
    } catch (error) {
      onFailure(error)
      return false
    }
  }

  function adder(method: Method) {
    return async (channels: string | string[], listener: Listener) => {
      for (const channel of [channels].flat()) {
        const entry = { method, channel, listener }
        entries.push(entry)
        void listen(entry)
      }
    }
  }

  function remover(method: Method, undo: 'unsubscribe' | 'pUnsubscribe') {
    return async (channels: string | string[]) => {
      const gone = [channels].flat()
      entries = entries.filter((entry) => entry.method !== method || !gone.includes(entry.channel))
      await client?.[undo](gone).catch(() => {})
    }
  }

  return {
    subscriber: {
      subscribe: adder('subscribe'),
      pSubscribe: adder('pSubscribe'),
      unsubscribe: remover('subscribe', 'unsubscribe'),
      pUnsubscribe: remover('pSubscribe', 'pUnsubscribe'),
    },
    async moveTo(next, failed) {
      client = next
      onFailure = failed
      const heard = await Promise.all(entries.map(listen))
      return !heard.includes(false)
    },
  }
}
