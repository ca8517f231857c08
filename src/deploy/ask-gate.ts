import type { Ran } from './connection/remote.ts';
import { type LoginInput, logIn } from './deploy.ts';

/**
 * Has the gate of a host do something: knocks, logs in, and runs `knockgated` there, as root.
 * @param argv the subcommand and its arguments; knockgated(8)
 * @throws Problem; those of a knock, a login and of sudo
 */
export async function askGate(input: LoginInput, argv: readonly string[]): Promise<Ran> {
  const remote = await logIn(input);
  try {
    return await remote.run(['knockgated', ...argv], { sudo: true });
  } finally {
    await remote.close();
  }
}
