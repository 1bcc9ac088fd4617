/**
 * What the other processes of the sqlite tests do: `node sqlite-child.ts <part> <file> …`.
 */
import { DatabaseSync } from 'node:sqlite'
import { createSqliteStore } from '../../../src/session/stores/sqlite.ts'

const [part = '', file = '', ...args] = process.argv.slice(2)
/** On Linux it is out before the next line runs. */
const say = (line: string) => console.log(line)

const open = () => createSqliteStore({ file, clock: Date.now, warn: say, storeTimeout: 15 })

const parts: Record<string, () => Promise<unknown>> = {
  /** Adds one to the number in record `n`, so many times, several at once. */
  async increment() {
    const store = open()
    const each = Number(args[0]) / 4
    const add = async () => {
      for (let done = 0; done < each; ) {
        const before = (await store.read('n')) ?? ''
        if ((await store.swap('n', before, `${Number(before) + 1}`, 600)) === 'done') done += 1
      }
    }
    await Promise.all([add(), add(), add(), add()])
    await store.close()
  },

  /** Creates and swaps records for ever; prints `id text` for what is acknowledged. */
  async traffic() {
    const store = open()
    const visitor = async (name: string) => {
      for (let n = 0; ; n += 1) {
        const id = `${name}-${n}`
        await store.create(id, 'one', 600)
        say(`${id} one`)
        await store.swap(id, 'one', 'two', 600)
        say(`${id} two`)
      }
    }
    await Promise.all(Array.from({ length: 20 }, (_, n) => visitor(`${process.pid}-${n}`)))
  },

  /** Opens the store, creates one record and ends. */
  async create() {
    const store = open()
    say(`${await store.create(`${process.pid}`, '{}', 600)}`)
    await store.close()
  },

  /** Uses the store and closes it; tells when. Nothing may keep the process alive then. */
  async close() {
    const store = open()
    await store.create('a', '{}', 600)
    await store.close()
    say('closed')
  },

  /** Uses the store and forgets it. */
  async forget() {
    await open().create('a', '{}', 600)
    say('forgotten')
  },

  /** Holds the writing lock until a line comes in. */
  async hold() {
    const database = new DatabaseSync(file)
    database.exec('BEGIN IMMEDIATE')
    say('held')
    await new Promise((resolve) => process.stdin.once('data', resolve))
    database.close()
    process.stdin.destroy()
  },
}

await parts[part]?.()
