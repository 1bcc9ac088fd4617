/**
 * `onConnect` and `afterDisconnect` of `config/sockets`: run with the session of a socket, which is saved
 * when they have finished. Loaded only where there is one.
 */
import type { Socket } from 'socket.io'
import type { SocketHook } from '../config/sockets.ts'
import type { Sessions } from '../session/lifecycle.ts'
import type { Identity, Visit } from '../session/visit.ts'

export interface Hooks {
  /** Runs a hook for a socket; of its errors the log is told. */
  run(hook: SocketHook, socket: Socket, identity: Identity | undefined): void
  /** Resolves when no hook runs any more. */
  settled(): Promise<void>
}

interface HookParts {
  readonly sessions: Pick<Sessions, 'resume' | 'commit'>
  /** A request that came by no event, to hold the session. */
  requestOf(socket: Socket): Visit['request']
  onError(error: unknown): void
}

export function createHooks({ sessions, requestOf, onError }: HookParts): Hooks {
  const running = new Set<Promise<void>>()

  async function runOne(hook: SocketHook, socket: Socket, identity?: Identity): Promise<void> {
    const request = requestOf(socket)
    // What has ended has nothing to show, and keeps nothing.
    const isLost = !identity || identity.ended
    const visit = isLost
      ? undefined
      : await sessions.resume(request, { identity, owner: socket, activity: false })
    await finished(hook, [request.session ?? {}, socket])
    if (visit) await sessions.commit(visit)
  }

  return {
    run(hook, socket, identity) {
      const done: Promise<void> = runOne(hook, socket, identity)
        .catch(onError)
        .finally(() => running.delete(done))
      running.add(done)
    },
    async settled() {
      await Promise.all(running)
    },
  }
}

/** A hook that names `done` says by it that it has finished; any other by returning, or by its promise. */
function finished(hook: SocketHook, given: readonly unknown[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: unknown) => (error ? reject(error) : resolve())
    const call = hook as (...values: unknown[]) => unknown
    const result: unknown = call(...given, done)
    if (result instanceof Promise) result.then(() => resolve(), reject)
    else if (hook.length < 3) resolve()
  })
}
