/**
 * A real Chromium for tests: CHROMIUM, else `chromium` from PATH. Where there is none, its tests are
 * skipped with one loud line, and fail with CI=true.
 */
import { execFileSync } from 'node:child_process'
import { type Browser, chromium } from 'playwright-core'
import { describe } from 'vitest'

const missing = 'no chromium on PATH, `npm run services` installs it'
const executablePath = process.env['CHROMIUM'] ?? findOnPath('chromium')

/** `describe` for tests that need a browser. */
export const describeChromium = executablePath ? describe : describe.skip

if (!executablePath) {
  if (process.env['CI'] === 'true') throw new Error(missing)
  console.warn(`\n!!! SKIPPED tests in a browser: ${missing}\n`)
}

/** Starts it without a window, and without the calls home it makes by itself. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    ...(executablePath && { executablePath }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

function findOnPath(name: string): string | undefined {
  try {
    return execFileSync('which', [name], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}
