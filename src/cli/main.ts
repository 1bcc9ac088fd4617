/**
 * Where the command starts: `bin/catamaran.js` imports this file, `npm start` runs it.
 * The only file here that touches the process as it is loaded; the rest is told what it needs.
 */
import { runCommand } from './program.ts'
import { createTerminal } from './terminal.ts'

process.stdout.on('error', leaveQuietly)
process.exitCode = await runCommand(process.argv.slice(2), createTerminal(process))
// What still holds the event loop now (a driver's socket, an app's timer) has nothing left to say.
setTimeout(() => process.exit(), 1000).unref()

/** `catamaran routes | head -1` closes our output early: that is no failure. */
function leaveQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit()
}
