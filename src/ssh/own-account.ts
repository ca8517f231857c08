import { homedir, userInfo } from 'node:os';

/** The account that runs this program, as ssh sees it. */
export interface OwnAccount {
  /** For `~`, `%d` and `~/.ssh`: ssh asks the password file, and leaves HOME aside. */
  readonly home: string;
  /** For `%u`. */
  readonly user: string;
}

export function ownAccount(): OwnAccount {
  try {
    const { homedir: home, username: user } = userInfo();
    return { home, user };
  } catch {
    // ssh refuses to run for a user without an entry: nothing follows from this.
    return { home: homedir(), user: 'user' };
  }
}
