/**
 * What the worker of the sqlite store does: batches of writes, each in one transaction. A job that fails
 * fails alone; a transaction that fails fails all in it. Every time is what the store's clock said.
 */
import type { DatabaseSync } from 'node:sqlite'
import { monotonic, pause } from './sqlite-connection.ts'
import { type Fault, faultOf, kindOf } from './sqlite-fault.ts'

/** One write. `now`, when it was asked for, and `expires` are whole milliseconds since the epoch. */
export type Job =
  | { verb: 'create'; id: string; text: string; expires: number; now: number }
  | { verb: 'swap'; id: string; before: string; after: string; expires: number; now: number }
  | { verb: 'touch'; id: string; expires: number; now: number }
  | { verb: 'destroy'; id: string }
  | { verb: 'clear' }
  | { verb: 'check' }
  | { verb: 'lease'; holder: string; until: number; now: number }
  | { verb: 'sweep'; now: number; limit: number }

/** A job, when it was asked for and when its time is over, on the `monotonic` clock. */
export interface TimedJob {
  readonly job: Job
  readonly asked: number
  readonly until: number
}

export type Outcome = { readonly value: unknown } | { readonly fault: Fault }

const busy: Outcome = { fault: { errcode: 5, message: 'another process holds the session file' } }

/** Prepares what runs batches on a database. */
export function createBatches(database: DatabaseSync): (jobs: readonly TimedJob[]) => Outcome[] {
  const verbs = createVerbs(database)
  const begin = createTurns(database)

  function runOne({ job, asked, until }: TimedJob): Outcome {
    // Whoever asked was told already that it did not happen in time.
    if (until < monotonic()) return busy
    try {
      return { value: verbs[job.verb](atPresent(job, asked) as never) }
    } catch (error) {
      // Without room SQLite may end the whole transaction by itself.
      if (!database.isTransaction) throw error
      return { fault: faultOf(error) }
    }
  }

  return function run(jobs): Outcome[] {
    try {
      begin(latestOf(jobs))
      const outcomes = jobs.map(runOne)
      database.exec('COMMIT')
      return outcomes
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      const fault = faultOf(error)
      // One of them was too large, or there is room for nothing at all.
      if (kindOf(fault) === 'full' && jobs.length > 1) return jobs.flatMap((job) => run([job]))
      return jobs.map(() => ({ fault }))
    }
  }
}

/** When the time of all is over. */
export function latestOf(jobs: readonly TimedJob[]): number {
  return Math.max(...jobs.map(({ until }) => until))
}

/**
 * A job may have waited: what has expired meanwhile, perhaps by another process, must not live again.
 * Rounded up, since clocks tell whole milliseconds.
 */
function atPresent(job: Job, asked: number): Job {
  return 'now' in job ? { ...job, now: Math.ceil(job.now + monotonic() - asked) } : job
}

/** **Milliseconds** between two tries to get the lock, and how long a process that had it steps back. */
const step = 1
/** **Milliseconds** for which a process that had to wait remembers that it is not alone. */
const memory = 1_000

/**
 * Gives what begins a transaction when the other processes that write have had their turn. SQLite keeps
 * no queue: whoever has just committed steps back a little, or it would come first again and again.
 */
function createTurns(database: DatabaseSync) {
  let crowded = Number.NEGATIVE_INFINITY

  /** Tries until the time is over. */
  return function begin(until: number): void {
    if (monotonic() - crowded < memory) pause(step)
    for (;;) {
      try {
        database.exec('BEGIN IMMEDIATE')
        return
      } catch (error) {
        crowded = monotonic()
        if (kindOf(faultOf(error)) !== 'busy' || crowded > until) throw error
        pause(step * Math.random())
      }
    }
  }
}

function createVerbs(database: DatabaseSync) {
  const prepare = (sql: string) => database.prepare(sql)
  const insert = prepare(
    `INSERT INTO sessions (sid, data, expires) VALUES (?, ?, ?)
     ON CONFLICT (sid) DO UPDATE SET data = excluded.data, expires = excluded.expires
     WHERE sessions.expires <= ?`,
  )
  const replace = prepare(
    'UPDATE sessions SET data = ?, expires = ? WHERE sid = ? AND data = ? AND expires > ?',
  )
  const find = prepare('SELECT data FROM sessions WHERE sid = ? AND expires > ?')
  const renew = prepare('UPDATE sessions SET expires = ? WHERE sid = ? AND expires > ?')
  const remove = prepare('DELETE FROM sessions WHERE sid = ? RETURNING data')
  const removeAll = prepare('DELETE FROM sessions')
  const lease = prepare(
    `INSERT INTO leases (name, holder, until) VALUES ('sweep', ?, ?)
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
     WHERE leases.holder = excluded.holder OR leases.until <= ?`,
  )
  const sweep = prepare(
    `DELETE FROM sessions WHERE rowid IN
     (SELECT rowid FROM sessions WHERE expires <= ? ORDER BY expires LIMIT ?)`,
  )
  const changed = ({ changes }: { changes: number | bigint }) => Number(changes)

  const verbs: { [V in Job['verb']]: (job: Extract<Job, { verb: V }>) => unknown } = {
    create: ({ id, text, expires, now }) => changed(insert.run(id, text, expires, now)) === 1,
    swap({ id, before, after, expires, now }) {
      if (changed(replace.run(after, expires, id, before, now)) === 1) return 'done'
      return { text: find.get(id, now)?.['data'] }
    },
    touch: ({ id, expires, now }) => changed(renew.run(expires, id, now)) === 1,
    destroy: ({ id }) => remove.get(id)?.['data'],
    clear: () => void removeAll.run(),
    check: () => undefined,
    lease: ({ holder, until, now }) => changed(lease.run(holder, until, now)) === 1,
    sweep: ({ now, limit }) => changed(sweep.run(now, limit)),
  }
  return verbs
}
