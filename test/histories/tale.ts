/**
 * Tells a history in words: what each client did, when, and what it saw.
 */
import type { PlayedHistory } from './crew.ts'
import type { Event, Moved, Written } from './model.ts'
import { judge } from './verdict.ts'

/** One line per event, in the order they began. */
export function tell(history: PlayedHistory): string {
  const { program, clients, faults, start } = history
  const events = Object.entries(clients)
    .flatMap(([client, own]) => own.map((event) => ({ client, event })))
    .sort((one, other) => one.event.start - other.event.start)
  const zero = events[0]?.event.start ?? 0
  const names = createNames()
  const begun = [...start].map(([id, place]) => `${names(id)} holds ${JSON.stringify(place)}`)
  const at = (time: number) => `${((time - zero) / 1e6).toFixed(3).padStart(9)}`
  const lines = events.map(
    ({ client, event }) =>
      `${at(event.start)} –${at(event.end)} ms  ${client.padEnd(8)} ${wordsOf(event, names)}`,
  )
  const { lost, resurrected, stale } = judge(history)
  const found = [
    ...lost.map((path) => `lost: ${path}`),
    ...resurrected.map((client) => `resurrected, as seen by ${client}`),
    ...stale.map((path) => `stale: ${path}`),
  ]
  const what = found.length > 0 ? found : ['no order of these events is possible']
  return [`history of seed ${program.seed}`, ...begun, ...lines, ...what, ...faults].join('\n')
}

function wordsOf(event: Event, names: (id: string) => string): string {
  const id = names(event.id)
  const saw = (data: unknown) => (data ? JSON.stringify(data) : 'nothing')
  switch (event.kind) {
    case 'open':
      return `opens ${id} and sees ${saw(event.saw)}`
    case 'reload':
      return `reloads ${id} and sees ${saw(event.saw)}`
    case 'update':
      return `counts in ${id} and sees ${saw(event.saw)}`
    case 'end':
      return `ends ${id}`
    case 'expire':
      return `lets the life of ${id} be over`
    case 'move':
      return `moves ${id} to ${names(event.to)} with ${changesOf(event)} and sees ${saw(event.saw)}`
    case 'write': {
      const after = event.saw ? ` and sees ${saw(event.saw)}` : ''
      return `stores in ${id}: ${changesOf(event)}${after}`
    }
  }
}

function changesOf({ changes }: Written | Moved): string {
  const words = changes.map(({ do: what, path, value }) =>
    what === 'set' ? `${path} = ${value}` : `no ${path}`,
  )
  return words.join(', ') || 'no change'
}

/** Short names for ids, in the order they come up. */
function createNames(): (id: string) => string {
  const known = new Map<string, string>()
  return (id) => {
    const name = known.get(id) ?? `#${known.size + 1}`
    known.set(id, name)
    return name
  }
}
