/**
 * "Did you mean": the nearest known word to a misspelt one.
 */

/** Gives the candidate nearest to `word`, or `undefined` when none is near enough to be meant. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const most = word.length < 4 ? 1 : word.length < 8 ? 2 : 3
  let best: { readonly candidate: string; readonly distance: number } | undefined
  for (const candidate of candidates) {
    const edits = editDistance(word.toLowerCase(), candidate.toLowerCase())
    // Of two words equally near, the one with the same ends is more likely meant.
    const distance = edits - (haveSameEnds(word, candidate) ? 0.5 : 0)
    if (edits <= most && distance < (best?.distance ?? Infinity)) best = { candidate, distance }
  }
  return best?.candidate
}

/** Ready words for the end of a message: ` did you mean "ttl"?`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const near = closest(word, candidates)
  return near === undefined ? '' : ` did you mean "${near}"?`
}

function haveSameEnds(left: string, right: string): boolean {
  return left[0] === right[0] && left.at(-1) === right.at(-1)
}

/** Edits between two words, counting two swapped neighbours as one (optimal string alignment). */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1]
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforeLast[column - 2] ?? 0) + 1 : Infinity,
      )
    }
    beforeLast = last
    last = current
  }
  return last[right.length] ?? 0
}
