/**
 * The users of this app: a stand-in, to be replaced by a query to your database.
 * Keep `findUser`, make it async, and store what `hashPassword` in api/services/passwords.ts gives.
 */
export interface User {
  readonly id: string
  readonly name: string
  /** A scrypt hash, never the password. */
  readonly password: string
}

/** Password: lovelace. Everybody knows it, so production has no such user. */
const ada: User = {
  id: 'ada',
  name: 'Ada Lovelace',
  password:
    '0ba3ddab777f24ee89a828933c12546f:6df58e31bb479c7b14ccb686fc130ad59378c5b773523929057451873d38aec2',
}

const users: readonly User[] = process.env.NODE_ENV === 'production' ? [] : [ada]

/** The user who logs in by this name. */
export function findUser(id: string): User | undefined {
  return users.find((user) => user.id === id)
}
