/**
 * Makes a failing program smaller: takes away clients, visits and steps as long as it still fails now and
 * then. What several processes do is never quite the same twice, so each candidate is played many times.
 */
import type { Crew, PlayedHistory } from './crew.ts'
import type { Program } from './program.ts'
import { judge } from './verdict.ts'

/** Times a candidate is played at once before it counts as right. */
const plays = 60

/** The smallest history that was found to fail like the given one. */
export async function shrink(crew: Crew, failed: PlayedHistory): Promise<PlayedHistory> {
  let smallest = failed
  for (;;) {
    const smaller = await firstFailing(crew, [...smallerThan(smallest.program)])
    if (!smaller) return smallest
    smallest = smaller
  }
}

async function firstFailing(
  crew: Crew,
  candidates: readonly Program[],
): Promise<PlayedHistory | undefined> {
  for (const program of candidates) {
    const histories = await crew.play(Array.from({ length: plays }, () => program))
    const failed = histories.find((history) => !judge(history).right)
    if (failed) return failed
  }
  return undefined
}

/** All programs with one thing less, the large things first. */
function* smallerThan(program: Program): Generator<Program> {
  const { clients } = program
  for (const client of clients.keys()) yield { ...program, clients: clients.toSpliced(client, 1) }
  for (const [client, visits] of clients.entries()) {
    for (const visit of visits.keys()) {
      yield { ...program, clients: clients.with(client, visits.toSpliced(visit, 1)) }
    }
  }
  for (const [client, visits] of clients.entries()) {
    for (const [visit, steps] of visits.entries()) {
      for (const step of steps.keys()) {
        const fewer = visits.with(visit, steps.toSpliced(step, 1))
        yield { ...program, clients: clients.with(client, fewer) }
      }
    }
  }
}
