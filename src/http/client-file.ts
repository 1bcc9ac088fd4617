/**
 * The client as one file for browsers: its sources one after the other, with Socket.IO's client taken from
 * where Socket.IO serves it.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'

export interface ClientFile {
  readonly text: string
  /** For `ETag`. */
  readonly tag: string
}

/** @param path - where Socket.IO is served; as there, a slash at its end means nothing */
export function createClientFile(path: string): () => Promise<ClientFile> {
  let file: Promise<ClientFile> | undefined
  return () => {
    file ??= read(path)
    return file
  }
}

/** The client's files: what the others stand on comes first. */
const names = ['answers', 'desk', 'fields', 'line', 'client']

async function read(path: string): Promise<ClientFile> {
  const extension = extname(import.meta.url)
  const addressOf = (name: string) => new URL(`../client/${name}${extension}`, import.meta.url)
  const parts = await Promise.all(names.map((name) => readFile(addressOf(name), 'utf8')))
  const code = parts.map(alone).join('\n')
  const script = extension === '.ts' ? await withoutTypes(code) : code
  const library = `${path.replace(/\/$/, '')}/socket.io.esm.min.js`
  const text = script.replace("'socket.io-client'", JSON.stringify(library))
  return { text, tag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 20)}"` }
}

/** A file without what ties it to the others. */
function alone(code: string, index: number): string {
  const free = code.replace(/^(import|export) [^'"]*from '\.[^']*';?$/gm, '')
  const isLast = index === names.length - 1
  return isLast ? `${free}\nexport { RequestError }\n` : free.replace(/^export /gm, '')
}

/** Where the framework runs from its sources; in a thread that does not say that this is new in Node. */
function withoutTypes(code: string): Promise<string> {
  const work = `
    const { parentPort, workerData } = require('node:worker_threads')
    parentPort.postMessage(require('node:module').stripTypeScriptTypes(workerData))`
  const execArgv = ['--disable-warning=ExperimentalWarning']
  const worker = new Worker(work, { eval: true, workerData: code, execArgv })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}
