/**
 * Many nodes: Socket.IO's adapter, which carries rooms between them, carries the endings of sessions too.
 * Of a session only a hash of its id travels.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Server } from 'socket.io'
import { createHash } from '../builtin.ts'
import type { Config } from '../config/schema.ts'
import type { Sessions } from '../session/lifecycle.ts'
import type { SessionStore } from '../session/store.ts'
import type { Ending, EndReason } from '../session/visit.ts'
import { openAdapter } from './adapter.ts'
import type { Check } from './bindings.ts'
import type { Farewell } from './farewell.ts'
import type { Live } from './live.ts'
import { isMove, leaveAllHere, membersMoved, moveHere, roomLeft } from './moves.ts'

export interface Nodes {
  /** Tells all other nodes that a session has ended. */
  tell(ending: Ending): void
  tellByKey(key: string, farewell: Farewell): void
  /** Tells them that its public fields have changed, not how. */
  changed(id: string): void
  close(): Promise<void>
}

interface NodesOptions {
  readonly io: Server
  readonly config: Config
  readonly store: SessionStore
  /** What is to know of endings elsewhere. */
  readonly bindings: {
    share(keyOf: (id: string) => string): void
    endByKey(key: string, farewell: Farewell): void
    idOf(key: string): string | undefined
    checkAll(options?: Check): Promise<void>
  }
  readonly sessions: Pick<Sessions, 'forebears'>
  /** What is to know of changes elsewhere. */
  readonly live: Pick<Live, 'changedByKey' | 'refresh'> | undefined
  info(message: string): void
  warn(message: string): void
}

/** How often the store is asked whether it is back, too, and **milliseconds** between two times. */
const mostTries = 60
const pause = 500

/** The server-side events that say a session has ended, or its public fields have changed. */
const ended = 'catamaran:session-ended'
const changed = 'catamaran:session-changed'
/** A handshake has given a browser another cookie. */
const replaced = 'catamaran:cookie-replaced'
/** All sessions of the store were ended by another process. */
export const cleared = 'catamaran:sessions-cleared'
const revoked: Farewell = { reason: 'revoked', reconnect: false }

const reasons: ReadonlySet<unknown> = new Set<EndReason>([
  'destroyed',
  'revoked',
  'regenerated',
  'rotated',
  'replaced',
  'expired',
])

/**
 * Joins the other nodes, where an adapter leads to them; says so in the log where none does.
 *
 * @throws {CatamaranError} `E_SOCKET_ADAPTER`, `E_ADAPTER_MISSING`, `E_STORE_OPTIONS`; never because the other
 *   end is down
 */
export async function connectNodes(options: NodesOptions): Promise<Nodes | undefined> {
  const { io, bindings, live, store, info } = options
  const { forebears } = options.sessions
  const plain = io.of('/').adapter.serverSideEmit
  const adapter = await openAdapter({ ...options, onBack: () => void catchUp(options) })
  if (adapter) io.adapter(adapter.create as Parameters<Server['adapter']>[0])
  // The adapter in memory, and those that know no other servers, have this method only by name.
  if (io.of('/').adapter.serverSideEmit === plain) {
    info(
      `sessions in ${store.name} are shared, but no sockets.adapter connects the nodes: others learn that a ` +
        'session has ended at the next event of its sockets, or by its time',
    )
    return undefined
  }
  bindings.share(keyOf)
  forebears.share(keyOf, ({ key, before }) => io.serverSideEmit(replaced, key, before))
  io.of('/').on(ended, (key: unknown, reason: unknown, reconnect: unknown) => {
    if (typeof key !== 'string' || !isReason(reason)) return
    bindings.endByKey(key, { reason, reconnect: reconnect === true })
  })
  io.of('/').on(changed, (key: unknown) => {
    if (typeof key === 'string') live?.changedByKey(key)
  })
  io.of('/').on(replaced, (key: unknown, before: unknown) => {
    if (typeof key !== 'string' || typeof before !== 'string') return
    forebears.heard({ key, before }, bindings.idOf(before))
  })
  io.of('/').on(roomLeft, (room: unknown) => {
    if (typeof room === 'string') leaveAllHere(io, room)
  })
  io.of('/').on(membersMoved, (wish: unknown) => {
    if (isMove(wish)) moveHere(io, wish)
  })
  io.of('/').on(cleared, () => void bindings.checkAll({ farewell: revoked }))

  function tellByKey(key: string, { reason, reconnect }: Farewell): void {
    io.serverSideEmit(ended, key, reason, reconnect)
  }

  return {
    tell: (ending) => tellByKey(keyOf(ending.id), ending),
    tellByKey,
    changed(id) {
      io.serverSideEmit(changed, keyOf(id))
    },
    async close() {
      if (adapter?.close) return adapter.close()
      // Many have timers, which would keep the process from ending.
      for (const { adapter: own } of io._nsps.values()) await own.close()
    },
  }
}

/** The bus may be back before the store is: without an answer from there nothing ends. */
async function catchUp({ store, bindings, live }: NodesOptions): Promise<void> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const isThere = await store.check().then(
      () => true,
      () => false,
    )
    if (isThere) return bindings.checkAll({ also: live?.refresh })
    await sleep(pause, undefined, { ref: false })
  }
}

function isReason(value: unknown): value is EndReason {
  return reasons.has(value)
}

/** Not what `hashIds` stores ids under: who reads the bus learns no keys of the store. */
function keyOf(id: string): string {
  return createHash('sha256').update(`catamaran:session-ended:${id}`).digest('base64url')
}
