/**
 * Turns: work on one key runs one after the other within this process, so that parallel commits of a
 * session cost about one try each. Different keys never wait for each other.
 */
export type InTurn = <T>(key: string, work: () => T) => T | Promise<Awaited<T>>

export function createTurns(): InTurn {
  const last = new Map<string, Promise<unknown>>()

  return <T>(key: string, work: () => T) => {
    const before = last.get(key)
    const run = before ? (before.then(work, work) as Promise<Awaited<T>>) : work()
    // Done at once: nobody has to wait for it.
    if (!(run instanceof Promise)) return run
    last.set(key, run)
    const leave = () => {
      if (last.get(key) === run) last.delete(key)
    }
    run.then(leave, leave)
    return run
  }
}
