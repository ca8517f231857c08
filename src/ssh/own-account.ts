import { homedir, userInfo } from 'node:os';

/** The account that runs this program, as ssh sees it. */
export interface OwnAccount {
  /** The home folder, for `~`, `%d` and `~/.ssh`. ssh takes it from the password file, not from HOME. */
  readonly home: string;
  /** The user's name, for `%u`. */
  readonly user: string;
}

export function ownAccount(): OwnAccount {
  try {
    const { homedir: home, username: user } = userInfo();
    return { home, user };
  } catch {
    // ssh does not run for a user without an entry, so these values do not matter.
    return { home: homedir(), user: 'user' };
  }
}
