/**
 * `aggregate` and `distinct`: the stages that counting sessions needs, and a few more.
 */
import { type Doc, Refusal } from './bson.ts'
import { type Collections, found } from './collections.ts'
import { by, type Command, projected } from './crud.ts'
import type { Cursors } from './cursors.ts'
import { evaluate } from './expressions.ts'
import { matches } from './match.ts'
import { equal, numberOf } from './order.ts'
import { valuesAt } from './paths.ts'
import { staged } from './updates.ts'

type Stage = (docs: Doc[], operand: unknown, now: Date) => Doc[]

const stages: Readonly<Record<string, Stage>> = {
  $match: (docs, filter, now) => docs.filter((doc) => matches(filter as Doc, { doc, now })),
  $sort: (docs, sort) => docs.toSorted(by(sort as Doc)),
  $skip: (docs, count) => docs.slice(numberOf(count)),
  $limit: (docs, count) => docs.slice(0, numberOf(count)),
  $project: (docs, wish) => docs.map((doc) => projected(doc, wish as Doc)),
  $set: (docs, fields, now) => docs.map((doc) => staged(doc, { $set: fields }, now)),
  $group: (docs, wish, now) => grouped(docs, wish as Doc, now),
}

export function createAggregation(
  collections: Collections,
  cursors: Cursors,
): Record<string, Command> {
  const docsOf = (command: Doc, name: string, filter: Doc) => [
    ...found(collections.find(String(command['$db']), String(command[name])), filter, new Date()),
  ]

  return {
    aggregate(command) {
      const now = new Date()
      let docs = docsOf(command, 'aggregate', {})
      for (const stage of command['pipeline'] as Doc[]) {
        const [[name, operand] = ['', {}]] = Object.entries(stage)
        const run = Object.hasOwn(stages, name) ? stages[name] : undefined
        if (!run) throw refusalOf(name)
        docs = run(docs, operand, now)
      }
      return cursors.open(`${command['$db']}.${command['aggregate']}`, docs, command)
    },

    distinct(command) {
      const path = String(command['key']).split('.')
      const docs = docsOf(command, 'distinct', (command['query'] ?? {}) as Doc)
      const values: unknown[] = []
      for (const value of docs.flatMap((doc) => [...valuesAt(doc, path)])) {
        if (value !== undefined && !values.some((other) => equal(other, value))) values.push(value)
      }
      return { values }
    },
  }
}

function refusalOf(stage: string): Refusal {
  if (stage === '$changeStream') {
    const words = 'The $changeStream stage is only supported on replica sets'
    return new Refusal(40_573, 'Location40573', words)
  }
  return new Refusal(40_324, 'Location40324', `Unrecognized pipeline stage name: '${stage}'`)
}

/** Groups with sums. */
function grouped(docs: readonly Doc[], { _id: by, ...fields }: Doc, now: Date): Doc[] {
  const groups: Doc[] = []
  for (const doc of docs) {
    const scope = { doc, now }
    const id = evaluate(by, scope) ?? null
    let group = groups.find((known) => equal(known['_id'], id))
    if (!group) {
      group = { _id: id, ...Object.fromEntries(Object.keys(fields).map((name) => [name, 0])) }
      groups.push(group)
    }
    for (const [name, accumulator] of Object.entries(fields)) {
      const { $sum } = accumulator as Doc
      if ($sum === undefined) throw new Refusal(15_952, 'Location15952', 'unknown group operator')
      group[name] = Number(group[name]) + (numberOf(evaluate($sum, scope)) ?? 0)
    }
  }
  return groups
}
