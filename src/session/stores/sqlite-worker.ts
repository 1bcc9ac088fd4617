/**
 * The worker thread of one sqlite store: takes batches, answers each when it is on disk. It opens the
 * file that the main thread made, and ends when it is told to.
 */
import type { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { connect, type FileOptions } from './sqlite-connection.ts'
import { faultOf } from './sqlite-fault.ts'
import { createBatches, type Outcome, type TimedJob } from './sqlite-jobs.ts'

/** Batches of jobs, or the word to end. */
export type WorkerMessage = readonly TimedJob[] | 'end'

serve(workerData as FileOptions)

function serve(options: FileOptions): void {
  let database: DatabaseSync | undefined
  let runBatch: ((jobs: readonly TimedJob[]) => Outcome[]) | undefined

  function run(jobs: readonly TimedJob[]): Outcome[] {
    try {
      if (!runBatch) {
        database ??= connect(options)
        runBatch = createBatches(database)
      }
      return runBatch(jobs)
    } catch (error) {
      return jobs.map(() => ({ fault: faultOf(error) }))
    }
  }

  parentPort?.on('message', (message: WorkerMessage) => {
    if (message !== 'end') return parentPort?.postMessage(run(message))
    database?.close()
    parentPort?.close()
  })
}
