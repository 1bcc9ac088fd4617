/** Why a call of the system failed, in its own words. */
import { getSystemErrorMessage } from 'node:util'

/** The system's words for a failed call, without the call. */
export function reason(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException
  return errno === undefined ? message : getSystemErrorMessage(errno)
}
