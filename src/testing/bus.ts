/**
 * What connects the nodes of a test in one process, as Redis connects those of several: an adapter of
 * Socket.IO that hands its messages to the others at once.
 */

import { ClusterAdapter, type ClusterMessage, type ClusterResponse } from 'socket.io-adapter'
import type { SocketAdapter } from '../config/sockets.ts'

/** Makes a bus: what each of its nodes takes as `sockets.adapter`. */
export function createBus(): SocketAdapter {
  const members = new Set<Member>()

  class Member extends ClusterAdapter {
    // That of ClusterAdapter is for those who extend it.
    constructor(namespace: unknown) {
      super(namespace)
    }

    override init(): void {
      members.add(this)
    }

    override close(): void {
      members.delete(this)
    }

    override async serverCount(): Promise<number> {
      return 1 + this.#others().length
    }

    protected override async doPublish(message: ClusterMessage): Promise<string> {
      for (const other of this.#others()) other.onMessage(message)
      return ''
    }

    protected override async doPublishResponse(
      uid: string,
      response: ClusterResponse,
    ): Promise<void> {
      for (const other of this.#others()) if (other.uid === uid) other.onResponse(response)
    }

    #others(): Member[] {
      return [...members].filter((other) => other !== this && other.nsp.name === this.nsp.name)
    }
  }

  // Socket.IO calls it by `new`.
  return function adapter(namespace: never) {
    return new Member(namespace)
  }
}
