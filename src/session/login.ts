/**
 * Notes whose session it is: when the field that names the user is set or changes, somebody has logged in.
 */
import { type Kept, timeOf } from './kept.ts'
import type { Life } from './life.ts'

/** Whose session it was when it was last read or stored. */
export interface Holder {
  /** The user field as a text; empty where there is none. */
  readonly user: string
  readonly since: number | undefined
}

export interface Login {
  /** Whose session a record is, by its data and what is kept beside it. */
  holderOf(data: object, kept: Kept | undefined): Holder | undefined
  /** Whether data is another user's. */
  isOther(was: Holder | undefined, data: object): boolean
  /** Compares data with whose session it was, and gives what must be kept beside it now. */
  note(was: Holder | undefined, data: object, kept: Kept | undefined): Noted
}

export interface Noted {
  readonly isLogin: boolean
  readonly kept: Kept | undefined
}

const nobody = ''

/** @param user - the field that names the user; without one nobody logs in */
export function createLogin(user: string | undefined, { now }: Pick<Life, 'now'>): Login {
  if (user === undefined) {
    return {
      holderOf: () => undefined,
      isOther: () => false,
      note: (_was, _data, kept) => ({ isLogin: false, kept }),
    }
  }

  function userIn(data: object): string {
    const value: unknown = Reflect.get(data, user as string)
    if (value === undefined || value === null) return nobody
    return typeof value === 'object' ? JSON.stringify(value) : `${typeof value} ${value}`
  }

  return {
    holderOf: (data, kept) => ({ user: userIn(data), since: timeOf(kept?.authenticated) }),
    isOther: (was, data) => was !== undefined && was.user !== userIn(data),
    note(was, data, kept) {
      const user = userIn(data)
      if (was === undefined || was.user === user) return { isLogin: false, kept }
      const isLogin = user !== nobody
      const { authenticated, ...rest } = kept ?? {}
      // An app that says itself when it was knows better.
      if (isLogin && timeOf(authenticated) !== was.since) return { isLogin, kept }
      return { isLogin, kept: isLogin ? { ...rest, authenticated: now() } : rest }
    },
  }
}
