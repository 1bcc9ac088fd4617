/**
 * Lets time pass for stored sessions: a server's clock can't be moved, their ends can.
 */
import { MongoClient } from 'mongodb'

interface Place {
  readonly url: string
  readonly db: string
  readonly collection: string
}

export async function ageDocuments({ url, db, collection }: Place, seconds: number): Promise<void> {
  const client = new MongoClient(url)
  const earlier = (field: string) => ({ $subtract: [field, seconds * 1000] })
  await client
    .db(db)
    .collection(collection)
    .updateMany({}, [{ $set: { expires: earlier('$expires') } }])
  await client.close()
}
