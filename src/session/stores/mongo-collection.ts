/**
 * What the mongo store asks of the driver's collection, and how it tells the driver's errors apart.
 * Imports no driver.
 */

export type Document = Record<string, unknown>

/** The part of the driver's collection that the store uses. */
export interface MongoCollection {
  findOne(filter: object, options: object): Promise<Document | null>
  find(filter: object, options: object): { toArray(): Promise<Document[]> }
  findOneAndUpdate(filter: object, update: object[], options: object): Promise<Found>
  updateOne(filter: object, update: object[], options: object): Promise<Updated>
  findOneAndDelete(filter: object, options: object): Promise<Found>
  deleteMany(filter: object, options: object): Promise<unknown>
  countDocuments(filter: object): Promise<number>
}

interface Found {
  value: Document | null
}

interface Updated {
  matchedCount: number
  modifiedCount: number
  upsertedCount: number
}

/** Only the session, from the server that decides what is stored, in the driver's usual types. */
export const reading = {
  projection: { session: 1 },
  readPreference: 'primary',
  promoteValues: true,
  promoteLongs: true,
  promoteBuffers: false,
  useBigInt64: false,
}

/** Asks the server that decides for a document that nobody has: it answers, that is all. */
export async function askFor(collection: MongoCollection): Promise<void> {
  await collection.findOne({ _id: '' }, reading)
}

/** The server's word that it is no primary, or shuts down: another will answer soon. */
const passing = [91, 189, 10_107, 11_600, 11_602, 13_435, 13_436]

/** An answer of the server; one that is only passing counts as no answer. */
export function isReply(error: unknown): boolean {
  const { code } = Object(error) as { code?: unknown }
  return error instanceof Error && typeof code === 'number' && !passing.includes(code)
}

/** The driver could not reach the server, or not in time. */
export function isCut(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith('Mongo') && !isReply(error)
}
