/**
 * How results are shown on a terminal.
 */
import type { ManyResult } from './many.ts'
import type { Measured } from './measure.ts'

/** Rows under their headings, numbers to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    row
      .map((text, column) => {
        const width = widths[column] ?? 0
        return /^[\d.]/.test(text) ? text.padStart(width) : text.padEnd(width)
      })
      .join('  ')
      .trimEnd()
  return rows.map(line).join('\n')
}

export function cellTable(measured: readonly Measured[]): string {
  const head = 'cell|ours µs|theirs µs|ratio|quartiles|target||round trips per request'
  const rows = measured.map(({ name, ours, theirs, ratio, spread, target, trips }) => [
    name,
    ours.toFixed(1),
    theirs.toFixed(1),
    ratio.toFixed(2),
    spread.map((one) => one.toFixed(2)).join('–'),
    target.toFixed(2),
    ratio <= target ? 'met' : 'missed',
    Object.entries(trips)
      .map(([peer, list]) => `${peer}: ${list}`)
      .join('; '),
  ])
  return table([head.split('|'), ...rows])
}

export function manyTable(results: readonly ManyResult[]): string {
  const head = 'sessions in memory|read µs|write µs|heap bytes each|characters each'
  const rows = results.map(({ sessions, read, write, heap, characters }) => [
    sessions.toLocaleString('en'),
    read.toFixed(2),
    write.toFixed(2),
    `${heap}`,
    `${characters}`,
  ])
  return table([head.split('|'), ...rows])
}
