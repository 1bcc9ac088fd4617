/**
 * A player makes visits of many histories at once, all through one door: one process of several.
 */
import type { Door } from './doors.ts'
import type { Event } from './model.ts'
import { openPlace, type Place } from './places.ts'
import type { Change, Data, Visit } from './program.ts'

/** What one client does: its visits one after the other, with the cookies it gets. */
export interface Part {
  readonly cookie: string
  readonly visits: readonly Visit[]
}

export interface Played {
  readonly events: readonly Event[]
  /** Every cookie header the client has had. */
  readonly cookies: readonly string[]
  /** What should not have happened: an error that is no answer. */
  readonly fault?: string
}

export interface Player {
  /** Starts sessions that hold these data, and gives their cookies. */
  begin(starts: readonly Data[]): Promise<readonly string[]>
  /** Plays all parts at once. */
  play(parts: readonly Part[]): Promise<readonly Played[]>
  close(): Promise<void>
}

export async function createPlayer(place: Place): Promise<Player> {
  const { door, close } = await openPlace(place)
  return {
    begin: (starts) => Promise.all(starts.map((start) => begin(door, start))),
    play: (parts) => Promise.all(parts.map((part) => playPart(door, part))),
    close,
  }
}

async function begin(door: Door, start: Data): Promise<string> {
  const { cookie } = await door.visit('', changesOf(start))
  return cookie
}

/** The changes that make an empty session hold these data. */
function changesOf(data: Data, above = ''): Change[] {
  return Object.entries(data).flatMap(([name, value]): Change[] =>
    typeof value === 'object' && value !== null
      ? changesOf(value as Data, `${name}.`)
      : [{ do: 'set', path: above + name, value: value as number }],
  )
}

async function playPart(door: Door, { cookie: first, visits }: Part): Promise<Played> {
  const events: Event[] = []
  const cookies = [first]
  let cookie = first
  try {
    for (const steps of visits) {
      const visited = await door.visit(cookie, steps)
      events.push(...visited.events)
      cookie = visited.cookie
      if (cookie && !cookies.includes(cookie)) cookies.push(cookie)
    }
  } catch (error) {
    return { events, cookies, fault: error instanceof Error ? `${error.stack}` : String(error) }
  }
  return { events, cookies }
}
