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
  const head = 'cell|side|CPU µs|ratio|quartiles|target||round trips'
  const rows = measured.flatMap(({ name, target, results }) =>
    results.map(({ side, each, ratio, spread, trips }, at) => [
      at === 0 ? name : '',
      side,
      each.toFixed(1),
      ratio.toFixed(2),
      spread.map((one) => one.toFixed(2)).join('–'),
      ...(side.startsWith('ours') ? [target.toFixed(2), verdict(ratio, target)] : ['', '']),
      trips ?? '',
    ]),
  )
  return table([head.split('|'), ...rows])
}

export function manyTable(results: readonly ManyResult[]): string {
  const head = 'sessions in memory|read µs|ratio|write µs|ratio|target||heap bytes each|characters'
  const rows = results.map(({ sessions, heap, characters, ...spent }) => [
    sessions.toLocaleString('en'),
    spent.read.toFixed(1),
    spent.readRatio.toFixed(2),
    spent.write.toFixed(1),
    spent.writeRatio.toFixed(2),
    mostOfMany.toFixed(2),
    verdict(Math.max(spent.readRatio, spent.writeRatio), mostOfMany),
    // Around few sessions it is the modules that were loaded.
    sessions > 10_000 ? `${heap}` : '',
    `${characters}`,
  ])
  return table([head.split('|'), ...rows])
}

/** The time with many sessions over that with few: no more than this. */
const mostOfMany = 1.3

function verdict(ratio: number, target: number): string {
  return ratio <= target ? 'met' : 'missed'
}
