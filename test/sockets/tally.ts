/**
 * Counts what the process of an app holds on to: listeners, lines, and timers, also those that would not
 * keep it. To be loaded in that process before the app is lifted.
 */
import { createHook } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import type { Request } from 'express'
import type { Server } from 'socket.io'

export type Tally = Readonly<Record<string, number>>

/** Begins to count timers; gives what counts everything. */
export function startTally(): (req?: Request) => Tally {
  const timers = new Set<number>()
  createHook({
    init: (id, type) => type === 'Timeout' && timers.add(id),
    destroy: (id) => timers.delete(id),
  }).enable()

  return (req) => ({
    timers: timers.size,
    'listeners of the process': listenersOf(process),
    lines: process.getActiveResourcesInfo().filter((kind) => /^TCP/.test(kind)).length,
    ...(req && countsOf(Reflect.get(req.app, Symbol.for('catamaran.io')))),
  })
}

function countsOf(io: Server): Tally {
  const nsp = io.of('/')
  const clients = Object.entries(nsp.adapter).filter(([, value]) => value instanceof EventEmitter)
  const emitters = Object.entries({
    ...{ io: nsp, adapter: nsp.adapter, engine: io.engine, server: io.httpServer },
    ...Object.fromEntries(clients.filter(([name]) => name.endsWith('Client'))),
  })
  return {
    ...Object.fromEntries(
      emitters.map(([name, emitter]) => [
        `listeners of ${name}`,
        listenersOf(emitter as EventEmitter),
      ]),
    ),
    sockets: nsp.sockets.size,
    rooms: nsp.adapter.rooms.size,
    connections: io.engine.clientsCount,
  }
}

function listenersOf(emitter: EventEmitter): number {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0)
}
