/** Which sockets are told of an end, by sockets that only note what they hear. */
import type { Socket } from 'socket.io'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Identity } from '../../src/session/visit.ts'
import { createBindings } from '../../src/sockets/bindings.ts'

const identityOf = (id: string, stored = true): Identity => ({ id, stored, ended: false })

function ground() {
  const bindings = createBindings({
    fresh: () => identityOf('fresh', false),
    secondsLeft: async () => 100,
    lead: 0,
    clock: Date.now,
  })
  onTestFinished(bindings.close)
  return bindings
}

function socketOf() {
  const told: unknown[] = []
  const socket = {
    rooms: new Set(),
    emit: (event: string, ending: { reason: string }) => told.push(`${event} ${ending.reason}`),
    disconnect() {},
  }
  return { socket: socket as never as Socket, told }
}

const replaced = { reason: 'replaced', reconnect: true, owner: undefined } as const

describe('W3: a socket on a session that is not stored', () => {
  it('is told what becomes of the cookie its browser has', () => {
    const bindings = ground()
    const { socket, told } = socketOf()
    bindings.bind(socket, identityOf('own', false))
    bindings.strayed(socket, 'cookie')

    bindings.end({ id: 'cookie', ...replaced })

    expect(told).toEqual(['session:ended replaced'])
  })

  it('is forgotten when it has gone', () => {
    const bindings = ground()
    const { socket, told } = socketOf()
    bindings.bind(socket, identityOf('own', false))
    bindings.strayed(socket, 'cookie')

    bindings.unbind(socket)
    bindings.end({ id: 'cookie', ...replaced })

    expect(told).toEqual([])
  })
})

describe('P16: a socket that is bound while its session ends', () => {
  it('is told, where the end came after its session was looked up', () => {
    const bindings = ground()
    const { socket, told } = socketOf()
    const since = bindings.endings()

    bindings.end({ id: 'own', ...replaced })
    bindings.bind(socket, identityOf('own'), since)

    expect(told).toEqual(['session:ended replaced'])
    expect(bindings.identityOf(socket)).toBeUndefined()
  })

  it('stays, where an id comes again later', () => {
    const bindings = ground()
    const { socket, told } = socketOf()

    bindings.end({ id: 'own', ...replaced })
    bindings.bind(socket, identityOf('own'), bindings.endings())

    expect(told).toEqual([])
    expect([...bindings.socketsOf('own')]).toEqual([socket])
  })
})
