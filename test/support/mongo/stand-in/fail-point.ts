/**
 * The fail point `failCommand`, as a mongod with `enableTestCommands` has it: the next commands of a name
 * fail, lose their connection, or take their time.
 */
import { bad, type Doc } from './bson.ts'
import { numberOf } from './order.ts'

interface Failure {
  /** What is answered instead; nothing: the command runs. */
  readonly doc?: Doc | 'cut'
  /** **Milliseconds** to wait. */
  readonly after: number
}

export function createFailPoint() {
  let data: Doc = {}
  let times = 0

  return {
    configure(command: Doc): Doc {
      if (command['configureFailPoint'] !== 'failCommand') throw bad('stand-in: only failCommand')
      const { mode } = command
      data = (command['data'] ?? {}) as Doc
      times = mode === 'off' ? 0 : mode === 'alwaysOn' ? Number.POSITIVE_INFINITY : timesOf(mode)
      return {}
    },

    /** How a command of this name fails now, if it does. */
    next(name: string): Failure | undefined {
      const names = (data['failCommands'] ?? []) as string[]
      if (times <= 0 || !names.includes(name)) return undefined
      times -= 1
      if (data['closeConnection']) return { doc: 'cut', after: 0 }
      if (data['blockConnection']) return { after: numberOf(data['blockTimeMS']) ?? 0 }
      const { errorCode: code, errorLabels } = data
      const errmsg = 'Failing command via fail point'
      const labels = errorLabels ? { errorLabels } : {}
      return { doc: { ok: 0, errmsg, code, codeName: 'FailPoint', ...labels }, after: 0 }
    },
  }
}

function timesOf(mode: unknown): number {
  const times = numberOf((mode as Doc)['times'])
  if (times === undefined) throw bad('stand-in: unknown mode of a fail point')
  return times
}
