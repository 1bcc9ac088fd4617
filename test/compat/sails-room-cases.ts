/** Who hears what is sent to rooms of an app of Sails, step by step: recorded from Sails 1.5.18, as ours has it. */
import { connectSails, requestSails, type SailsSocket } from '../sockets/sails-client.ts'

/** One step of two visitors' way; `ada` and `eve` in its data stand for the ids of their sockets. */
export interface RoomStep {
  readonly by: 'ada' | 'eve'
  /** What the action `room` is to do. */
  readonly verb: string
  readonly data: Readonly<Record<string, string>>
  readonly heard: Heard
}

/** Events, each with its data as JSON. */
interface Heard {
  readonly ada?: readonly string[]
  readonly eve?: readonly string[]
}

const step = (
  by: RoomStep['by'],
  verb: string,
  data: RoomStep['data'],
  heard: Heard,
): RoomStep => ({
  by,
  verb,
  data,
  heard,
})
const nobody = {}
const ada = (event: string) => ({ ada: [event] })
const eve = (event: string) => ({ eve: [event] })
const both = (event: string) => ({ ...ada(event), ...eve(event) })

export const roomSteps: readonly RoomStep[] = [
  step('ada', 'broadcast', { room: 'crew' }, nobody),
  step('ada', 'join', { room: 'crew' }, nobody),
  step('eve', 'broadcast', { room: 'crew' }, ada('news {"to":"crew"}')),
  step('ada', 'broadcast', { room: 'crew' }, ada('news {"to":"crew"}')),
  step('ada', 'broadcast-omit', { room: 'crew' }, nobody),
  step('eve', 'broadcast-omit', { room: 'crew' }, ada('news {"to":"crew"}')),
  step('ada', 'join-id', { room: 'crew', id: 'eve' }, nobody),
  step('ada', 'broadcast', { room: 'crew' }, both('news {"to":"crew"}')),
  step('ada', 'broadcast-omit', { room: 'crew' }, eve('news {"to":"crew"}')),
  step('ada', 'broadcast-message', { room: 'crew' }, both('message {"to":"crew"}')),
  step('ada', 'broadcast-event', { room: 'crew' }, both('news null')),
  step('ada', 'io', { room: 'crew' }, both('news {"to":"crew"}')),
  step('ada', 'join', { room: 'crew' }, nobody),
  step('ada', 'broadcast', { room: 'crew' }, both('news {"to":"crew"}')),
  step('eve', 'leave', { room: 'crew' }, nobody),
  step('eve', 'broadcast', { room: 'crew' }, ada('news {"to":"crew"}')),
  step('eve', 'leave', { room: 'crew' }, nobody),
  step('eve', 'leave', { room: 'nowhere' }, nobody),
  step('eve', 'join-list', { room: 'port', id: 'ada' }, nobody),
  step('eve', 'broadcast', { room: 'port' }, both('news {"to":"port"}')),
  step('eve', 'leave-all', { room: 'port' }, nobody),
  step('eve', 'broadcast', { room: 'port' }, nobody),
  step('ada', 'add', { room: 'crew', to: 'port' }, nobody),
  step('eve', 'broadcast', { room: 'port' }, nobody),
  step('eve', 'broadcast', { room: 'crew' }, nobody),
  step('eve', 'join', { room: 'port' }, nobody),
  step('ada', 'add', { room: 'port', to: 'deck' }, nobody),
  step('ada', 'broadcast', { room: 'deck' }, eve('news {"to":"deck"}')),
  step('ada', 'remove', { room: 'port', to: 'deck' }, nobody),
  step('ada', 'broadcast', { room: 'deck' }, nobody),
  step('ada', 'broadcast', { room: 'port' }, eve('news {"to":"port"}')),
  step('ada', 'remove', { room: 'crew', to: 'port' }, nobody),
  step('ada', 'broadcast', { room: 'port' }, eve('news {"to":"port"}')),
  step('ada', 'broadcast', { room: 'crew' }, nobody),
  step('ada', 'blast', {}, both('news {"to":"all"}')),
  step('ada', 'blast-omit', {}, eve('news {"to":"all"}')),
  step('eve', 'blast-omit', {}, ada('news {"to":"all"}')),
  step('ada', 'broadcast', { room: 'eve' }, eve('news {"to":"eve"}')),
  step('ada', 'broadcast', { room: 'ada' }, ada('news {"to":"ada"}')),
  step('ada', 'broadcast-omit', { room: 'ada' }, nobody),
  step('eve', 'own-emit', {}, eve('news {"to":"own"}')),
  step('ada', 'broadcast', { room: '' }, nobody),
  step('ada', 'broadcast', {}, nobody),
  step('ada', 'join', {}, nobody),
  step('ada', 'join-id', { room: 'crew', id: 'nobody' }, nobody),
  step('ada', 'get', { id: 'eve' }, nobody),
  step('ada', 'leave-all', { room: 'crew' }, nobody),
  step('ada', 'leave-all', { room: 'ada' }, nobody),
  step('eve', 'broadcast', { room: 'ada' }, ada('news {"to":"ada"}')),
  step('ada', 'join', { room: 'eve' }, nobody),
  step('ada', 'broadcast', { room: 'eve' }, both('news {"to":"eve"}')),
  step('ada', 'leave', { room: 'ada' }, nobody),
  step('ada', 'broadcast', { room: 'ada' }, nobody),
]

const names = ['ada', 'eve'] as const

/** Takes all steps on two sockets of one app; gives them with what was heard. */
export async function playRooms(url: string, steps: readonly RoomStep[]): Promise<RoomStep[]> {
  const sockets = await Promise.all(
    names.map(() => connectSails(url, { transports: ['websocket'] })),
  )
  const [ada, eve] = sockets as [SailsSocket, SailsSocket]
  const visitors = { ada, eve }
  const ask = (socket: SailsSocket, verb: string, data: object = {}) =>
    requestSails(socket, { method: 'post', url: `/room/${verb}`, data })
  const ids = new Map<string, string>()
  for (const name of names) {
    const { body } = await ask(visitors[name], 'id')
    ids.set(name, Reflect.get(Object(body), 'id'))
  }
  const heard = { ada: [] as string[], eve: [] as string[] }
  for (const name of names) {
    for (const event of ['news', 'message']) {
      visitors[name].on(event, (data) =>
        heard[name].push(`${event} ${JSON.stringify(data ?? null)}`),
      )
    }
  }

  const played: RoomStep[] = []
  for (const step of steps) {
    const given = Object.entries(step.data).map(([key, value]) => [key, ids.get(value) ?? value])
    await ask(visitors[step.by], step.verb, Object.fromEntries(given))
    // What was sent before comes before these answers.
    for (let turn = 0; turn < 2; turn += 1) {
      await Promise.all(sockets.map((socket) => ask(socket, 'defaults')))
    }
    const seen = names.map((name) => [name, heard[name].splice(0)] as const)
    const some = seen.filter(([, events]) => events.length > 0)
    const plain = JSON.stringify(Object.fromEntries(some))
    const told = [...ids].reduce((text, [name, id]) => text.replaceAll(id, name), plain)
    played.push({ ...step, heard: JSON.parse(told) })
  }
  for (const socket of sockets) socket.disconnect()
  return played
}
