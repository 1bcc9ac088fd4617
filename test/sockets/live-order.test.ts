/** In which order sockets are told, when stores and other nodes answer late. */
import type { Socket } from 'socket.io'
import { describe, expect, it } from 'vitest'
import type { Fields } from '../../src/session/settings.ts'
import { createLive } from '../../src/sockets/live.ts'

/** A session `id` with one socket, and a store that answers when the test says so. */
function ground() {
  const told: unknown[] = []
  const socket = { emit: (_event: string, fields: unknown) => told.push(fields) } as never as Socket
  const asked: ((fields: Fields | undefined) => void)[] = []
  const live = createLive(
    {
      none: { theme: null },
      of: () => ({}),
      shownBy: () => ({}),
      read: () => new Promise((resolve) => asked.push(resolve)),
      stored() {},
    },
    { socketsOf: () => [socket], keyOf: (id) => `key of ${id}`, idOf: () => 'id' },
  )
  return { told, asked, live }
}

/** All that was to happen has happened. */
const settled = () => new Promise(setImmediate)

describe('W7: what a session’s sockets are told', () => {
  it('is asked anew where another node may have been faster than our own answer', async () => {
    const { told, asked, live } = ground()

    live.changed('id', { theme: 'ours, stored first' })
    asked[0]?.({ theme: 'theirs, stored last' })
    await settled()

    expect(told).toEqual([{ theme: 'ours, stored first' }, { theme: 'theirs, stored last' }])
  })

  it('is never older than what they were told before', async () => {
    const { told, asked, live } = ground()

    live.changedByKey('key')
    live.changed('id', { theme: 'new' })
    asked[0]?.({ theme: 'old' })
    await settled()
    asked[1]?.({ theme: 'new' })
    await settled()

    expect(told).toEqual([{ theme: 'new' }])
    expect(asked).toHaveLength(2)
  })

  it('takes one question more, however many changes come while the store is asked', async () => {
    const { told, asked, live } = ground()

    for (let time = 0; time < 5; time += 1) live.changedByKey('key')
    asked[0]?.({ theme: 'old' })
    await settled()
    asked[1]?.({ theme: 'new' })
    await settled()

    expect(told).toEqual([{ theme: 'new' }])
    expect(asked).toHaveLength(2)
  })

  it('is nothing of a session that is gone', async () => {
    const { told, asked, live } = ground()

    live.changedByKey('key')
    asked[0]?.(undefined)
    await settled()

    expect(told).toEqual([])
  })
})
