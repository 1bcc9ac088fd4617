/**
 * The worker thread of one sqlite store: takes batches, answers each when it is on disk. It opens the
 * file that the main thread made, and ends when it is told to.
 */
import type { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { connect, type FileOptions, monotonic, pause } from './sqlite-connection.ts'
import { faultOf, kindOf } from './sqlite-fault.ts'
import { createBatches, latestOf, type Outcome, type TimedJob } from './sqlite-jobs.ts'

/** Batches of jobs, or the word to end. */
export type WorkerMessage = readonly TimedJob[] | 'end'

serve(workerData as FileOptions)

function serve(options: FileOptions): void {
  let database: DatabaseSync | undefined
  let runBatch: ((jobs: readonly TimedJob[]) => Outcome[]) | undefined

  /** Tries until the time is over: the file is locked while somebody opens or closes it. */
  function open(until: number) {
    for (;;) {
      try {
        database ??= connect(options)
        return createBatches(database)
      } catch (error) {
        if (kindOf(faultOf(error)) !== 'busy' || monotonic() > until) throw error
        pause(1)
      }
    }
  }

  function run(jobs: readonly TimedJob[]): Outcome[] {
    try {
      runBatch ??= open(latestOf(jobs))
      const outcomes = runBatch(jobs)
      if (outcomes.some(isReadOnly)) close()
      return outcomes
    } catch (error) {
      return jobs.map(() => ({ fault: faultOf(error) }))
    }
  }

  /** A connection to a file that could only be read when it was opened never writes: the next batch opens anew. */
  function close(): void {
    runBatch = undefined
    database?.close()
    database = undefined
  }

  parentPort?.on('message', (message: WorkerMessage) => {
    if (message !== 'end') return parentPort?.postMessage(run(message))
    close()
    parentPort?.close()
  })
}

const isReadOnly = (outcome: Outcome) => 'fault' in outcome && kindOf(outcome.fault) === 'readonly'
