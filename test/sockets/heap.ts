/**
 * What lives in this process: for tests of what is let go. Only where no other file's tests run in it.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes of the heap and of buffers, after collections. */
export async function livingBytes(): Promise<number> {
  for (let times = 0; times < 3; times += 1) {
    await turn()
    collect()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
