/**
 * A timing wheel: tells when ids are due, one slot per second, without ever walking over all of them.
 * A life that grew is not moved: the owner puts the id back when its old slot comes up.
 */
import type { Clock } from '../store.ts'

export interface Wheel {
  /** Puts `id` in the slot of `expires` (milliseconds) and gives that slot's number. */
  add(id: string, expires: number): number
  /** Takes `id` out of the slot that `add` gave. */
  remove(id: string, slot: number): void
  /** The slot that `expires` (milliseconds) falls in. */
  slotOf(expires: number): number
  stop(): void
}

interface WheelOptions {
  clock: Clock
  /** Called for each id whose slot's second has passed; it is out of the wheel by then. */
  due(id: string): void
}

/** Steps of one slice, well below a millisecond: the event loop runs between two slices. */
const slice = 2_000

/** Starts the wheel; its timer does not keep the process alive. */
export function createWheel({ clock, due }: WheelOptions): Wheel {
  const slots = new Map<number, Set<string>>()
  let next = Math.floor(clock() / 1000)
  let more: NodeJS.Immediate | undefined
  const timer = setInterval(sweep, 1000).unref()

  function sweep(): void {
    clearImmediate(more)
    const now = Math.floor(clock() / 1000)
    for (let step = 0; step < slice; step += 1) {
      if (next > now) return
      const id = slots.get(next)?.values().next().value
      if (id === undefined) next += 1
      else {
        remove(id, next)
        due(id)
      }
    }
    more = setImmediate(sweep).unref()
  }

  // A slot already swept would never come up again, should the clock have gone back.
  const slotOf = (expires: number) => Math.max(next, Math.ceil(expires / 1000))

  function add(id: string, expires: number): number {
    const slot = slotOf(expires)
    const ids = slots.get(slot)
    if (ids) ids.add(id)
    else slots.set(slot, new Set([id]))
    return slot
  }

  function remove(id: string, slot: number): void {
    const ids = slots.get(slot)
    if (ids?.delete(id) && ids.size === 0) slots.delete(slot)
  }

  function stop(): void {
    clearInterval(timer)
    clearImmediate(more)
  }

  return { add, remove, slotOf, stop }
}
