import type { Request } from 'express'
import type { Socket } from 'socket.io-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Rooms, roomsOf } from '../../src/index.ts'
import { connect } from '../sockets/client.ts'
import { liftFiles } from '../support/lift-files.ts'
import { describeRedis, startRedis, type TestRedis } from '../support/redis.ts'

describeRedis('W11: rooms on two nodes with one redis', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.close())

  /** A node, and its rooms as one of its actions has them. */
  async function lift(prefix: string) {
    let rooms: Rooms | undefined
    const routes = {
      'POST /rooms': (req: Request) => {
        rooms = roomsOf(req)
        return {}
      },
      'GET /rooms': (req: Request) => {
        const { id, rooms: own } = req.socket as unknown as { id: string; rooms: Set<string> }
        return [...own].filter((room) => room !== id).sort()
      },
    }
    const app = await liftFiles(
      {},
      { routes, session: { adapter: 'redis', url: redis.url, prefix } },
    )
    await app.browser().post('/rooms')
    return { url: app.url, rooms: rooms as unknown as Rooms }
  }

  /** `here` is a socket of the one, `there` and `also` are of the other; `rooms` are the first one's. */
  async function three() {
    const prefix = `${Math.random()}:`
    const [one, two] = [await lift(prefix), await lift(prefix)]
    const { rooms } = one
    const here = await connect(one.url)
    const [there, also] = [await connect(two.url), await connect(two.url)]
    const got: unknown[] = []
    for (const [name, socket] of Object.entries({ here, there, also })) {
      socket.on('news', (data) => got.push(`${name} ${data}`))
    }
    /** What has come to any of them: the bus keeps the order in which they were told. */
    async function news(): Promise<unknown[]> {
      const marks = [here, there, also].map((socket) => {
        return new Promise((resolve) => socket.once('mark', resolve))
      })
      rooms.blast('mark', 1)
      await Promise.all(marks)
      return got.sort()
    }
    return { rooms, here, there, also, news }
  }

  async function roomsIn(socket: Socket): Promise<unknown> {
    return (await socket.emitWithAck('get', { url: '/rooms' })).body
  }

  it('blast reaches the sockets of both, but not the omitted, wherever it is', async () => {
    const { rooms, here, there, news } = await three()

    rooms.blast('news', 1)
    rooms.blast('news', 2, here.id)
    rooms.blast('news', 3, there.id)

    expect(await news()).toEqual(
      ['here 1', 'there 1', 'also 1', 'there 2', 'also 2', 'here 3', 'also 3'].sort(),
    )
  })

  it('join, leave and broadcast reach a socket of the other by its id', async () => {
    const { rooms, there, news } = await three()

    rooms.join(String(there.id), 'crew')
    rooms.broadcast('crew', 'news', 1)
    rooms.leave(String(there.id), 'crew')
    rooms.broadcast('crew', 'news', 2)
    rooms.broadcast(String(there.id), 'news', 3)

    expect(await news()).toEqual(['there 1', 'there 3'])
    expect(() => rooms.get(String(there.id))).toThrow(String(there.id))
  })

  it('broadcast passes over the omitted, wherever it is', async () => {
    const { rooms, here, there, also, news } = await three()
    rooms.join([here.id, there.id, also.id].map(String), 'crew')

    rooms.broadcast('crew', 'news', 1, here.id)
    rooms.broadcast(['crew', 'other'], 'news', 2, there.id)

    expect(await news()).toEqual(['also 1', 'also 2', 'here 2', 'there 1'])
  })

  it('addRoomMembersToRooms and removeRoomMembersFromRooms move those of both', async () => {
    const { rooms, here, there, also, news } = await three()
    rooms.join([here.id, there.id].map(String), 'a')

    rooms.addRoomMembersToRooms('a', ['b', 'c'])
    rooms.removeRoomMembersFromRooms(['b'], 'c')
    rooms.broadcast('b', 'news', 'b')
    rooms.broadcast('c', 'news', 'c')

    expect(await news()).toEqual(['here b', 'there b'])
    expect(await Promise.all([here, there, also].map(roomsIn))).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      [],
    ])
  })

  it('leaveAll takes those of both out of all their rooms, and nobody else', async () => {
    const { rooms, here, there, also, news } = await three()
    rooms.join([here.id, there.id].map(String), 'a')
    rooms.join([here.id, there.id, also.id].map(String), 'b')

    rooms.leaveAll('a')
    rooms.broadcast('b', 'news', 1)

    expect(await news()).toEqual(['also 1'])
    expect(await Promise.all([here, there, also].map(roomsIn))).toEqual([[], [], ['b']])
  })
})
