/**
 * Updates: operators (`$set`, …), whole replacements, and pipelines.
 */
import { bad, copy, type Doc, Refusal } from './bson.ts'
import { evaluate } from './expressions.ts'
import { isDoc, numberOf } from './order.ts'
import { getAt, removeAt, setAt } from './paths.ts'

interface Occasion {
  readonly now: Date
  /** The document does not exist yet. */
  readonly inserting: boolean
}

/** The document after an update; `old` stays as it is. */
export function updated(old: Doc, update: Doc | readonly Doc[], occasion: Occasion): Doc {
  if (Array.isArray(update))
    return update.reduce((doc: Doc, stage: Doc) => staged(doc, stage, occasion.now), copy(old))
  const names = Object.keys(update)
  if (names.some((name) => name.startsWith('$')))
    return operated(copy(old), update as Doc, occasion)
  return { _id: old['_id'], ...(update as Doc) }
}

/** One stage of a pipeline. */
export function staged(doc: Doc, stage: Doc, now: Date): Doc {
  const [[name, operand] = ['', {}]] = Object.entries(stage)
  const scope = { doc, now }
  if (name === '$replaceWith') return replaced(evaluate(operand, scope))
  if (name !== '$set' && name !== '$addFields' && name !== '$unset') {
    throw new Refusal(40_324, 'Location40324', `Unrecognized pipeline stage name: '${name}'`)
  }
  const next = copy(doc)
  if (name === '$unset') for (const path of [operand].flat()) removeAt(next, String(path))
  else
    for (const [path, expression] of Object.entries(operand as Doc)) {
      // MongoDB would go on field by field below; nothing here needs that.
      if (isDoc(expression) && !Object.keys(expression)[0]?.startsWith('$')) {
        throw bad('stand-in: an object in $set is not supported: use $literal')
      }
      const value = evaluate(expression, scope)
      if (value !== undefined) setAt(next, path, value)
    }
  return next
}

function replaced(value: unknown): Doc {
  if (!isDoc(value))
    throw new Refusal(40_228, 'Location40228', 'the new document must be an object')
  return copy(value)
}

type Operator = (doc: Doc, path: string, operand: unknown, occasion: Occasion) => void

const operators: Readonly<Record<string, Operator>> = {
  $set: setAt,
  $setOnInsert: (doc, path, operand, { inserting }) => {
    if (inserting) setAt(doc, path, operand)
  },
  $unset: removeAt,
  $inc: (doc, path, operand) => {
    const old = getAt(doc, path) ?? 0
    const number = numberOf(old)
    if (number === undefined) {
      throw new Refusal(14, 'TypeMismatch', 'Cannot apply $inc to a value of non-numeric type')
    }
    setAt(doc, path, number + (numberOf(operand) ?? 0))
  },
  $currentDate: (doc, path, _, { now }) => setAt(doc, path, now),
  $push: (doc, path, operand) => {
    const list = getAt(doc, path) ?? []
    if (!Array.isArray(list)) throw bad(`The field '${path}' must be an array`)
    setAt(doc, path, [...list, operand])
  },
}

function operated(doc: Doc, update: Doc, occasion: Occasion): Doc {
  for (const [name, fields] of Object.entries(update)) {
    const operator = Object.hasOwn(operators, name) ? operators[name] : undefined
    if (!operator) throw new Refusal(9, 'FailedToParse', `Unknown modifier: ${name}`)
    for (const [path, operand] of Object.entries(fields as Doc))
      operator(doc, path, operand, occasion)
  }
  return doc
}
