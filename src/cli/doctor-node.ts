/**
 * What `catamaran doctor` says of the Node it runs on, which is the app's where npm runs it.
 */
import { type Finding, findingsOf } from './doctor-finding.ts'
import { oldestNode } from './home.ts'

const node = findingsOf('node')
const fix = 'Install Node 24, or let npm bring it: `npm install --save-dev node@24`'

/** @param version - as `process.versions.node` gives it */
export function checkNode(version: string): Finding[] {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldest = 0, oldestMinor = 0] = oldestNode()
  if (major < oldest || (major === oldest && minor < oldestMinor)) {
    return [node.error(`${version} is older than ${oldest}.${oldestMinor}`, fix)]
  }
  if (major % 2 === 1) {
    return [node.warning(`${version} gets no fixes after half a year, as all odd versions`, fix)]
  }
  return [node.ok(version)]
}
