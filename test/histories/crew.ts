/**
 * A crew plays programs with several processes that share one store, and brings back their histories.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { State } from './model.ts'
import type { Place } from './places.ts'
import { createPlayer, type Part, type Played, type Player } from './player.ts'
import type { Program } from './program.ts'
import type { History } from './search.ts'

export interface PlayedHistory extends History {
  readonly program: Program
  /** Errors that are no answer, by client. */
  readonly faults: readonly string[]
}

export interface Crew {
  /** Plays all programs at once, and reads every session they left. */
  play(programs: readonly Program[]): Promise<readonly PlayedHistory[]>
  close(): Promise<void>
}

/**
 * @param places - one for each player; a single one plays in this process
 */
export async function createCrew(places: readonly Place[]): Promise<Crew> {
  const make = places.length > 1 ? forkPlayer : createPlayer
  const players = await Promise.all(places.map(make))

  async function play(programs: readonly Program[]): Promise<PlayedHistory[]> {
    const cookies = (await players[0]?.begin(programs.map(({ start }) => start))) ?? []
    const parts = programs.flatMap(({ clients }, history) =>
      clients.map((visits, client) => ({
        history,
        client,
        cookie: cookies[history] ?? '',
        visits,
      })),
    )
    const played = await playAll(players, parts)
    return readAll(programs, parts, played)
  }

  /** Each session that a client left is read once more, by the player that came last. */
  async function readAll(
    programs: readonly Program[],
    parts: readonly AssignedPart[],
    played: readonly Played[],
  ): Promise<PlayedHistory[]> {
    const reads = programs.flatMap((_, history) => {
      const own = played.filter((_, index) => parts[index]?.history === history)
      const left = new Set(own.flatMap(({ cookies }) => cookies))
      return [...left].map((cookie, client) => ({ history, client, cookie, visits: [[]] }))
    })
    const read = (await players.at(-1)?.play(reads)) ?? []
    return programs.map((program, history) => {
      const all = [
        ...named('client', history, parts, played),
        ...named('end', history, reads, read),
      ]
      return {
        program,
        start: startOf(
          program,
          all.map(([, one]) => one),
        ),
        clients: Object.fromEntries(all.map(([name, { events }]) => [name, events])),
        faults: all.flatMap(([name, { fault }]) => (fault ? [`${name}: ${fault}`] : [])),
      }
    })
  }

  return {
    play,
    close: async () => void (await Promise.all(players.map((player) => player.close()))),
  }
}

interface AssignedPart extends Part {
  readonly history: number
  readonly client: number
}

/** Clients are dealt out, so that those of one history meet from different processes. */
async function playAll(
  players: readonly Player[],
  parts: readonly AssignedPart[],
): Promise<readonly Played[]> {
  const turnOf = ({ history, client }: AssignedPart) => (history + client) % players.length
  const results = await Promise.all(
    players.map((player, turn) => player.play(parts.filter((part) => turnOf(part) === turn))),
  )
  const next = results.map(() => 0)
  return parts.map((part) => {
    const turn = turnOf(part)
    const place = next[turn] ?? 0
    next[turn] = place + 1
    return results[turn]?.[place] ?? { events: [], cookies: [], fault: 'was not played' }
  })
}

function named(
  kind: string,
  history: number,
  parts: readonly AssignedPart[],
  played: readonly Played[],
): [string, Played][] {
  return parts.flatMap((part, index): [string, Played][] => {
    const one = played[index]
    return part.history === history && one ? [[`${kind} ${part.client + 1}`, one]] : []
  })
}

/** The session all clients begin with: the first id that any of them asked for. */
function startOf({ start }: Program, played: readonly Played[]): State {
  const id = played.flatMap(({ events }) => events).find(({ kind }) => kind === 'open')?.id
  return new Map(id === undefined ? [] : [[id, { data: start }]])
}

/** A player in a process of its own; what it is asked and answers goes over the process's channel. */
async function forkPlayer(place: Place): Promise<Player> {
  const file = new URL('./player-process.ts', import.meta.url)
  const child = fork(file, [JSON.stringify(place)], {
    execArgv: ['--conditions=@catamaran/source'],
    serialization: 'advanced',
  })
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  await answerOf(child)

  async function ask(call: 'begin' | 'play', given: unknown): Promise<never> {
    child.send({ call, given })
    return (await answerOf(child)) as never
  }

  return {
    begin: (starts) => ask('begin', starts),
    play: (parts) => ask('play', parts),
    async close() {
      process.off('exit', end)
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const settled = new AbortController()
  const { signal } = settled
  const died = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`a player's process ended with ${code}`)
  })
  died.catch(() => {})
  const [answer] = (await Promise.race([once(child, 'message', { signal }), died])) as [unknown]
  settled.abort()
  return answer
}
