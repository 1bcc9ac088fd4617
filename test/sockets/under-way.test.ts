import type { Socket } from 'socket.io'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createUnderWay } from '../../src/sockets/under-way.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Sockets are only told apart here. */
const socket = () => ({}) as Socket

/** Notes whether a wait of ten seconds is over. */
function waitFor(underWay: ReturnType<typeof createUnderWay>) {
  const over = vi.fn()
  void underWay.settled(10).then(over)
  return async () => {
    await vi.advanceTimersByTimeAsync(0)
    return over.mock.calls.length === 1
  }
}

describe('who waits for the events under way', () => {
  it('waits for none at once', async () => {
    const isOver = waitFor(createUnderWay())

    expect([await isOver(), vi.getTimerCount()]).toEqual([true, 0])
  })

  it('waits for each of them, and leaves no timer', async () => {
    const underWay = createUnderWay()
    const [one, other] = [socket(), socket()]
    for (const each of [one, one, other]) underWay.begin(each)
    const isOver = waitFor(underWay)

    const seen: boolean[] = []
    for (const each of [one, other, one]) {
      underWay.end(each)
      seen.push(await isOver())
    }

    expect([seen, vi.getTimerCount()]).toEqual([[false, false, true], 0])
  })

  it('waits no longer for those of a socket that has gone, whose answers come all the same', async () => {
    const underWay = createUnderWay()
    const [gone, there] = [socket(), socket()]
    for (const each of [gone, gone, there]) underWay.begin(each)
    const isOver = waitFor(underWay)

    underWay.forget(gone)
    for (const each of [gone, gone]) underWay.end(each)
    const before = await isOver()
    underWay.end(there)

    expect([before, await isOver()]).toEqual([false, true])
  })

  it('waits no longer than it has patience', async () => {
    const underWay = createUnderWay()
    underWay.begin(socket())
    const isOver = waitFor(underWay)

    await vi.advanceTimersByTimeAsync(9_999)
    const before = await isOver()
    await vi.advanceTimersByTimeAsync(1)

    expect([before, await isOver()]).toEqual([false, true])
  })
})
