/**
 * How soon an app answers: from the start of the process to its first 200, second start, beside a bare
 * app with the same parts (Express, express-session, Socket.IO, static files). Both use Node's compile
 * cache. Plain Node, no packages: `npm run bench:start -- [rounds] [folder to keep the apps in]`.
 *
 * The machine's other work shows in the times; CPU time (Linux only) is the steadier measure.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const checkout = join(import.meta.dirname, '..')
const rounds = Number(process.argv[2] ?? 9)
const kept = process.argv[3]
const port = 18_337

/** The least a person writes to have sessions on both transports. */
const bareApp = `
import { createServer } from 'node:http'
import { enableCompileCache } from 'node:module'
enableCompileCache()
const { default: express } = await import('express')
const { default: session } = await import('express-session')
const { Server } = await import('socket.io')
const app = express()
const server = createServer(app)
const io = new Server(server)
const sessions = session({ secret: 'bench', resave: false, saveUninitialized: false })
app.use(express.static('assets'), sessions, express.json())
io.engine.use(sessions)
io.on('connection', (socket) => socket.on('me', (answer) => answer(socket.request.session)))
app.get('/me', (req, res) => res.json({ userId: req.session.userId ?? null }))
server.listen(${port})
process.on('SIGTERM', () => process.exit())
`

const folder = kept ?? mkdtempSync(join(tmpdir(), 'catamaran-start-'))
try {
  const app = join(folder, 'app')
  if (!existsSync(app)) scaffold(app)
  const starts = {
    bare: ['bare.js'],
    catamaran: [join('node_modules', 'catamaran', 'bin', 'catamaran.js'), 'lift', '--port', port],
  }
  const results = await measure(starts, app)
  print(results)
} finally {
  if (!kept) rmSync(folder, { recursive: true, force: true })
}

/** A new app as a person gets it, from the packed checkout; the bare app stands in it, on the same packages. */
function scaffold(app) {
  run(process.execPath, [join(checkout, 'bin', 'catamaran.js'), 'new', app, '--install'])
  writeFileSync(join(app, 'bare.js'), bareApp)
}

function run(command, words) {
  const { status } = spawnSync(command, words, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error(`${command} ${words.join(' ')} ended with ${status}`)
}

/** Starts each in turn, so that both meet the same moods of the machine; the first start only warms. */
async function measure(starts, cwd) {
  const results = Object.fromEntries(Object.keys(starts).map((name) => [name, []]))
  for (let round = -1; round < rounds; round++) {
    for (const [name, words] of Object.entries(starts)) {
      const result = await start(words, cwd, round < 0)
      if (round >= 0) results[name].push(result)
    }
  }
  return results
}

/** One start: **milliseconds** until the first 200, and of CPU until then. */
async function start(words, cwd, warming) {
  const began = performance.now()
  const child = spawn(process.execPath, words.map(String), {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(child, 'exit')
  try {
    await Promise.race([listening(), ended.then(() => Promise.reject(new Error(`${words} ended`)))])
    const status = await ask('/me')
    if (status !== 200) throw new Error(`${words} answered ${status}`)
    const result = { wall: performance.now() - began, cpu: cpuOf(child.pid) }
    // A cache that is flushed a second after the lift must be there for the next start.
    if (warming) await sleep(2000)
    return result
  } finally {
    child.kill()
    await ended
  }
}

async function listening() {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (open) return
    await sleep(3)
  }
}

async function ask(path) {
  const [response] = await once(get({ port, path, host: '127.0.0.1', agent: false }), 'response')
  response.resume()
  await once(response, 'end')
  return response.statusCode
}

/** CPU time of all threads; `NaN` where the system does not tell. */
function cpuOf(pid) {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`)
    const spent = tasks.map((task) =>
      Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]),
    )
    return spent.reduce((sum, ns) => sum + ns, 0) / 1e6
  } catch {
    return Number.NaN
  }
}

function print(results) {
  const table = {}
  for (const measured of ['wall', 'cpu']) {
    for (const [name, all] of Object.entries(results)) {
      const sorted = all.map((one) => one[measured]).sort((a, b) => a - b)
      const [least, most] = [sorted[0], sorted.at(-1)].map(Math.round)
      table[`${name}, ${measured}`] = { median: Math.round(median(sorted)), least, most }
    }
  }
  console.table(table)
  for (const measured of ['wall', 'cpu']) {
    const [bare, ours] = [results.bare, results.catamaran].map((all) =>
      median(all.map((one) => one[measured]).sort((a, b) => a - b)),
    )
    console.log(`${measured}: ${(ours / bare).toFixed(2)} × the bare app, median of ${rounds}`)
  }
}

function median(sorted) {
  return sorted[Math.floor(sorted.length / 2)]
}
