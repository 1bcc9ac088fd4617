/**
 * What `catamaran doctor` says of the configuration itself: every problem that would keep the app from
 * starting, and what a start would say in the log.
 */
import type { ReadConfig } from '../config/load.ts'
import { type Finding, findingsOf } from './doctor-finding.ts'

/** What a key is part of, where that is checked by itself. */
const subjects: readonly (readonly [RegExp, string])[] = [
  [/^session\.secret\b/, 'secret'],
  [/^session\.(key|name|cookie)\b/, 'cookie'],
  [/^(sockets\.(origins|onlyAllowOrigins)|security\.cors)\b/, 'origins'],
]

const leave =
  'Mend it where it is to count. Take it out, or leave it, where not: the app runs with it'

/** Tells of config and secret, good or bad; of cookie and origins what the loader found. */
export function checkConfig({ loaded, problems }: ReadConfig): Finding[] {
  const wrong = problems.map(({ place, path, value, advice }) => {
    const parts = [place, path, value].filter((part) => part !== undefined)
    return findingsOf(subjectOf(path)).error(parts.join(' · '), advice)
  })
  const notes = (loaded?.notes ?? []).map(({ subject, what, fix = leave }) =>
    findingsOf(subject).warning(what, fix),
  )
  const found = [...wrong, ...notes]
  const isClear = (check: string) => loaded && !found.some((finding) => finding.check === check)
  return [
    ...(isClear('config') ? [findingsOf('config').ok('every value can be used')] : []),
    ...(isClear('secret') ? [findingsOf('secret').ok('is long, and no sample')] : []),
    ...found,
  ]
}

function subjectOf(path = ''): string {
  return subjects.find(([pattern]) => pattern.test(path))?.[1] ?? 'config'
}
