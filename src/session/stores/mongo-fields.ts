/**
 * The parts of MongoDB commands that our verbs share: who is alive, and what is written beside a session.
 * All by the server's clock (`$$NOW`), and all values as literals: a text may begin with `$`.
 */

/** How a store's documents are written. */
export interface FieldRules {
  /** Keep `lastModified`, as connect-mongo does with `touchAfter`. */
  lastModified?: boolean
  /** Keep `createdAt` and `updatedAt`. */
  timestamps?: boolean
  /** **Seconds** after a change in which a life is not renewed. */
  throttle?: number
}

const isAlive = {
  $or: [{ $eq: [{ $type: '$expires' }, 'missing'] }, { $gt: ['$expires', '$$NOW'] }],
}

/** The filter for what is alive; a document without an end is. */
export const alive = { $expr: isAlive }

/** A century, in milliseconds: an end that a date can still hold. */
const longest = 3_155_760_000_000

/** Makes the pipelines of one store's updates. */
export function createFields({ lastModified, timestamps, throttle = 0 }: FieldRules) {
  function lifeOf(ttl: number) {
    const milliseconds = Math.min(Math.max(1, Math.ceil(ttl * 1000)), longest)
    return {
      expires: { $add: ['$$NOW', milliseconds] },
      ...(lastModified && { lastModified: '$$NOW' }),
      ...(timestamps && { updatedAt: '$$NOW' }),
    }
  }

  return {
    /** Turns the document an upsert begins with, or one whose life is over, into a new one. */
    created(value: unknown, ttl: number) {
      const session = { $literal: value }
      const made = {
        _id: '$_id',
        session,
        ...lifeOf(ttl),
        ...(timestamps && { createdAt: '$$NOW' }),
      }
      const isFree = { $or: [{ $eq: [{ $type: '$session' }, 'missing'] }, { $not: [isAlive] }] }
      return [{ $replaceWith: { $cond: [isFree, made, '$$ROOT'] } }]
    },
    changed: (value: unknown, ttl: number) => [
      { $set: { session: { $literal: value }, ...lifeOf(ttl) } },
    ],
    renewed(ttl: number) {
      const life = lifeOf(ttl)
      if (throttle === 0) return [{ $set: life }]
      const isDue = { $lte: ['$lastModified', { $subtract: ['$$NOW', throttle * 1000] }] }
      const entries = Object.entries(life).map(([name, now]) => [
        name,
        { $cond: [isDue, now, `$${name}`] },
      ])
      return [{ $set: Object.fromEntries(entries) }]
    },
  }
}
