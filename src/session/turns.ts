/**
 * Turns: work on one key runs one after the other within this process, so that parallel commits of a
 * session cost about one try each. Different keys never wait for each other.
 */
export type InTurn = <T>(key: string, work: () => Promise<T>) => Promise<T>

export function createTurns(): InTurn {
  const last = new Map<string, Promise<unknown>>()

  return (key, work) => {
    const before = last.get(key)
    const run = before ? before.then(work, work) : work()
    last.set(key, run)
    const leave = () => {
      if (last.get(key) === run) last.delete(key)
    }
    run.then(leave, leave)
    return run
  }
}
