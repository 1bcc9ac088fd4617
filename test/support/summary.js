// Prints the closing line of a CI run, `N passed, N failed`, and fails where a test was skipped: what
// stood in for a missing service must not look green.
import { readFileSync } from 'node:fs'

const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = read(
  process.argv[2],
)

if (numPendingTests > 0) console.log(`${numPendingTests} tests were skipped: CI runs them all`)
const failed = numFailedTests + numPendingTests || numFailedTestSuites
if (failed > 0 || numPassedTests === 0) process.exitCode = 1
console.log(`${numPassedTests} passed, ${failed} failed`)

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // npm test ended before the tests began: format, lint or types.
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numFailedTestSuites: 0 }
  }
}
