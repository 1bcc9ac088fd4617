/**
 * All commands of the stand-in, and what every one of them passes: fail points, authentication, errors.
 */
import { createAggregation } from './aggregate.ts'
import type { Account, Peer } from './auth.ts'
import { createAuth } from './auth.ts'
import { bad, type Doc, Refusal } from './bson.ts'
import type { Collections } from './collections.ts'
import { createCrud } from './crud.ts'
import { createCursors } from './cursors.ts'
import { createFailPoint } from './fail-point.ts'
import { createIndexing } from './indexes.ts'
import { numberOf } from './order.ts'

/** An answer, after a while where a fail point says so; `'cut'` ends the connection instead. */
export interface Reply {
  readonly doc: Doc | 'cut'
  /** **Milliseconds**. */
  readonly after: number
}

interface Options {
  readonly collections: Collections
  readonly account: Account | undefined
  /** Sets **seconds** between two looks for what has expired, and gives what it was. */
  expireEvery(seconds: number): number
}

export function createCommands({ collections, account, expireEvery }: Options) {
  const cursors = createCursors()
  const auth = createAuth(account)
  const failPoint = createFailPoint()
  const { getMore, killCursors } = cursors

  const table: Record<string, (command: Doc, peer: Peer) => Doc> = {
    ...createCrud(collections, cursors),
    ...createAggregation(collections, cursors),
    ...createIndexing(collections, cursors),
    ...createGreetings((command, peer) => auth.greeting(command, peer)),
    getMore,
    killCursors,
    saslStart: auth.start,
    saslContinue: auth.proceed,
    ping: () => ({}),
    endSessions: () => ({}),
    configureFailPoint: failPoint.configure,
    buildInfo: () => ({ version: '8.0.0', versionArray: [8, 0, 0, 0], gitVersion: 'stand-in' }),
    setParameter: ({ ttlMonitorSleepSecs }) => {
      const seconds = numberOf(ttlMonitorSleepSecs)
      if (seconds === undefined) throw bad('stand-in: only ttlMonitorSleepSecs can be set')
      return { was: expireEvery(seconds) }
    },
  }

  function run(command: Doc, peer: Peer): Doc {
    const name = Object.keys(command)[0] ?? ''
    try {
      auth.check(name, peer)
      const found = Object.hasOwn(table, name) ? table[name] : undefined
      if (!found) throw new Refusal(59, 'CommandNotFound', `no such command: '${name}'`)
      if (command['txnNumber'] !== undefined || command['startTransaction']) throw noTransactions()
      return { ...found(command, peer), ok: 1 }
    } catch (error) {
      return refusalDoc(error)
    }
  }

  return (command: Doc, peer: Peer): Reply => {
    const failing = failPoint.next(Object.keys(command)[0] ?? '')
    const doc = failing?.doc ?? run(command, peer)
    return { doc, after: failing?.after ?? 0 }
  }
}

const noTransactions = () =>
  new Refusal(
    20,
    'IllegalOperation',
    'Transaction numbers are only allowed on a replica set member or mongos',
  )

function refusalDoc(error: unknown): Doc {
  if (error instanceof Refusal) {
    const { message: errmsg, code, codeName, details } = error
    return { ok: 0, errmsg, code, codeName, ...details }
  }
  console.error(error)
  return { ok: 0, errmsg: `the stand-in broke: ${error}`, code: 8, codeName: 'UnknownError' }
}

/** `hello` under its three names: a server that stands alone. */
function createGreetings(
  more: (command: Doc, peer: Peer) => Doc,
): Record<string, (command: Doc, peer: Peer) => Doc> {
  const greet = (command: Doc, peer: Peer) => ({
    ...(command['hello'] ? { isWritablePrimary: true } : { ismaster: true }),
    helloOk: true,
    maxBsonObjectSize: 16 * 2 ** 20,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: 1,
    minWireVersion: 0,
    maxWireVersion: 25,
    readOnly: false,
    ...more(command, peer),
  })
  return { hello: greet, ismaster: greet, isMaster: greet }
}
