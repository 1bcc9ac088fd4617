import type { Request } from 'express'
import { describe, expect, it } from 'vitest'
import { type Rooms, roomsOf } from '../../src/index.ts'
import { liftFiles } from '../support/lift-files.ts'
import { connect, heard } from './client.ts'

/** Lifts an app with one route that does something with the rooms of its request. */
function liftWith(work: (rooms: Rooms, req: Request) => unknown) {
  return liftFiles({}, { routes: { '/do': (req: Request) => work(roomsOf(req), req) ?? null } })
}

describe('W11: roomsOf(req)', () => {
  it('sends to a room from either door', async () => {
    const app = await liftWith((rooms, req) => {
      if (req.isSocket) rooms.join(req, 'crew')
      else rooms.broadcast('crew', 'news', 'from HTTP')
    })
    const socket = await connect(app.url)
    const news = heard(socket, 'news')
    await socket.emitWithAck('post', { url: '/do' })

    await app.browser().post('/do')

    expect(await news).toBe('from HTTP')
  })

  it('stands beside the own methods of req.socket', async () => {
    const app = await liftWith(async (rooms, req) => {
      const { socket } = req as unknown as { socket: { join(room: string): void | Promise<void> } }
      await socket.join('crew')
      rooms.broadcast('crew', 'news', 1)
      return {}
    })
    const socket = await connect(app.url)
    const news = heard(socket, 'news')

    await socket.emitWithAck('post', { url: '/do' })

    expect(await news).toBe(1)
  })

  it.each(['join', 'leave'] as const)('says by an error that HTTP can not %s', async (verb) => {
    const app = await liftWith((rooms, req) => rooms[verb](req, 'crew'))

    expect(await app.browser().post('/do')).toMatchObject({
      status: 400,
      body: { code: 'E_NOT_A_SOCKET' },
    })
  })

  it('gives that error to the callback where there is one', async () => {
    const app = await liftWith(
      (rooms, req) =>
        new Promise((resolve) => {
          rooms.join(req, 'crew', (error) => resolve({ told: Reflect.get(Object(error), 'code') }))
        }),
    )

    expect((await app.browser().post('/do')).body).toEqual({ told: 'E_NOT_A_SOCKET' })
  })

  it('copies the members of rooms to others, and takes them out again', async () => {
    const steps: ((rooms: Rooms, req: Request) => unknown)[] = [
      (rooms, req) => rooms.join(req, 'a'),
      (rooms) => rooms.addRoomMembersToRooms('a', ['b', 'c']),
      (_, req) => roomsIn(req),
      (rooms) => rooms.removeRoomMembersFromRooms(['b'], 'c'),
      (_, req) => roomsIn(req),
      (rooms) => rooms.leaveAll('b'),
      (_, req) => roomsIn(req),
    ]
    const app = await liftWith((rooms, req) => steps[Number(req.param('step'))]?.(rooms, req))
    const socket = await connect(app.url)
    const seen: unknown[] = []
    for (let step = 0; step < steps.length; step += 1) {
      const { body } = await socket.emitWithAck('post', { url: '/do', data: { step } })
      if (body) seen.push(body)
    }

    expect(seen).toEqual([['a', 'b', 'c'], ['a', 'b'], []])
  })

  it('moves nobody by an empty list', async () => {
    const app = await liftWith((rooms, req) => {
      rooms.addRoomMembersToRooms([], 'a')
      return roomsIn(req)
    })
    const socket = await connect(app.url)

    expect((await socket.emitWithAck('post', { url: '/do' })).body).toEqual([])
  })

  it('finds a socket by its id and by its request, and says when there is none', async () => {
    const app = await liftWith((rooms, req) => {
      if (!req.isSocket) return { socket: rooms.parseSocket(req), id: rooms.getId(req) }
      const socket = rooms.parseSocket(req)
      return req.body.id ? rooms.get(req.body.id) : { same: socket === rooms.get(socket?.id ?? '') }
    })
    const socket = await connect(app.url)
    const ask = (data: object) => socket.emitWithAck('post', { url: '/do', data })

    expect((await ask({})).body).toEqual({ same: true })
    expect(await ask({ id: 'nobody' })).toMatchObject({
      statusCode: 404,
      body: { code: 'E_NO_SUCH_SOCKET' },
    })
    expect((await app.browser().post('/do')).body).toEqual({})
  })

  it('is refused to a request of no app', () => {
    expect(() => roomsOf({ app: {} } as never)).toThrow('no lifted app')
  })
})

function roomsIn(req: Request): string[] {
  const { id, rooms } = req.socket as unknown as { id: string; rooms: Set<string> }
  return [...rooms].filter((room) => room !== id).sort()
}
