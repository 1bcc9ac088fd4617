/**
 * The main thread's side of the worker: one batch is under way, what comes meanwhile makes the next.
 * Every job is answered within its time, and the process is kept alive only while one is waiting.
 */
import { once } from 'node:events'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type FileOptions, monotonic } from './sqlite-connection.ts'
import { storeError } from './sqlite-error.ts'
import type { Fault } from './sqlite-fault.ts'
import type { Job, Outcome } from './sqlite-jobs.ts'
import type { WorkerMessage } from './sqlite-worker.ts'

export interface Writer {
  /** Has the worker do this job; resolves when it is on disk. */
  write(job: Job): Promise<unknown>
  /** Lets what was asked for be done, then ends the worker. */
  close(): Promise<void>
}

interface WriterOptions extends FileOptions {
  /** **Milliseconds** a job may take, its waiting included. */
  timeout: number
  /** Told of each job that SQLite refused. */
  refused(fault: Fault): void
}

interface Waiting {
  readonly job: Job
  readonly asked: number
  readonly until: number
  /** Whoever waited for it was told that it took too long. */
  overdue: boolean
  settle(outcome: Outcome): void
}

/** Jobs per transaction: more would only make the first wait for the last. */
const most = 500
/** **Milliseconds** for the worker to close its file; after a crash of the disk it may never. */
const lastWords = 1_000

const late = { fault: { errcode: 5, message: 'no answer in time' } }
const closed = { fault: { errcode: 21, message: 'the store is closed' } }

// The sources run as they are, the published package as JavaScript.
const script = new URL(`./sqlite-worker${extname(import.meta.url)}`, import.meta.url)

export function createWriter({ timeout, refused, ...options }: WriterOptions): Writer {
  const waiting: Waiting[] = []
  let sent: readonly Waiting[] = []
  // A thread takes a while to start: by the first write it is there.
  let worker: Worker | undefined = start()
  worker.unref()
  let timer: NodeJS.Timeout | undefined
  let scheduled = false
  let closing: Promise<void> | undefined
  let idle = () => {}

  function write(job: Job): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (closing) return reject(storeError(closed.fault))
      const settle = (outcome: Outcome) =>
        'fault' in outcome ? reject(storeError(outcome.fault)) : resolve(outcome.value)
      const asked = monotonic()
      waiting.push({ job, asked, until: asked + timeout, overdue: false, settle })
      schedule()
    })
  }

  /** What is asked for in one turn of the event loop goes as one batch. */
  function schedule(): void {
    if (scheduled || sent.length > 0) return
    scheduled = true
    queueMicrotask(send)
  }

  function send(): void {
    scheduled = false
    sent = waiting.splice(0, most)
    watch()
    if (sent.length === 0) {
      worker?.unref()
      idle()
      return
    }
    worker ??= start()
    worker.ref()
    const jobs = sent.map(({ job, asked, until }) => ({ job, asked, until }))
    worker.postMessage(jobs satisfies WorkerMessage)
  }

  function start(): Worker {
    const started = new Worker(script, { workerData: options, execArgv: [], name: 'sqlite' })
    started.on('message', answered)
    started.on('error', (error) => died(error.message))
    started.on('exit', () => died('the writing thread ended'))
    return started

    function died(message: string): void {
      if (worker !== started) return
      worker = undefined
      answered(sent.map(() => ({ fault: { errcode: 0, message } })))
    }
  }

  function answered(outcomes: readonly Outcome[]): void {
    const done = sent
    sent = []
    for (const [n, outcome] of outcomes.entries()) {
      if ('fault' in outcome) refused(outcome.fault)
      done[n]?.settle(outcome)
    }
    send()
  }

  /** One timer for all: everybody has the same time, so the oldest is due first. */
  function watch(): void {
    clearTimeout(timer)
    const oldest = [...sent, ...waiting].find(({ overdue }) => !overdue)
    if (!oldest) return
    // What was answered while this process itself was busy is heard first.
    timer = setTimeout(() => setImmediate(giveUp), Math.max(0, oldest.until - monotonic()))
  }

  function giveUp(): void {
    const now = monotonic()
    const overdue = [...sent, ...waiting].filter(({ until }) => until <= now)
    for (const job of overdue) {
      job.overdue = true
      job.settle(late)
    }
    if (overdue.length > 0) refused(late.fault)
    waiting.splice(0, waiting.filter((job) => job.overdue).length)
    watch()
  }

  async function end(): Promise<void> {
    if (sent.length + waiting.length > 0) await new Promise<void>((resolve) => (idle = resolve))
    clearTimeout(timer)
    if (!worker) return
    const slow = setTimeout(() => void worker?.terminate(), lastWords)
    const gone = once(worker, 'exit')
    worker.ref()
    worker.postMessage('end' satisfies WorkerMessage)
    await gone
    clearTimeout(slow)
  }

  return {
    write,
    close() {
      closing ??= end()
      return closing
    },
  }
}
