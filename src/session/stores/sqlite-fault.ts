/**
 * What went wrong in SQLite, in the few kinds the store tells apart.
 */

/** An error of SQLite as it travels from the worker: its extended code and words. */
export interface Fault {
  readonly errcode: number
  readonly message: string
}

export type FaultKind = 'busy' | 'broken' | 'full' | 'readonly' | 'other'

/** SQLite's primary result codes. */
const kinds: Readonly<Record<number, FaultKind>> = {
  5: 'busy',
  6: 'busy',
  8: 'readonly',
  11: 'broken',
  13: 'full',
  26: 'broken',
}
/** The index beside the log could not grow. */
const ioerrShmsize = 10 | (19 << 8)

/** Reads SQLite's code off what was thrown; 0 where there is none. */
export function faultOf(thrown: unknown): Fault {
  const { errcode, message } = Object(thrown) as Partial<Fault>
  return { errcode: Number(errcode ?? 0), message: String(message ?? thrown) }
}

export function kindOf({ errcode }: Fault): FaultKind {
  return errcode === ioerrShmsize ? 'full' : (kinds[errcode & 0xff] ?? 'other')
}
