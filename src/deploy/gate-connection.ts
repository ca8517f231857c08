import type { Ran } from './connection/remote.ts';
import { type LoginInput, logIn, logInBehindGate } from './log-in.ts';
import { learnOwnAddress } from './own-address.ts';

/** Login on the host of a gate that stays open, for many questions. */
export interface GateConnection {
  /** Address from which the server sees this device come; undefined when it does not say. */
  readonly seenFrom: string | undefined;
  /**
   * Runs a subcommand of `knockgated`, as root.
   * @throws Problem `connection-lost`; those of sudo
   */
  ask(argv: readonly string[]): Promise<Ran>;
  close(): Promise<void>;
}

/**
 * Knocks and logs in on the host of a gate, and becomes root there.
 * @throws Problem: those of a knock, a login and of sudo
 */
export async function connectToGate(input: LoginInput): Promise<GateConnection> {
  const { known } = input.device;
  const remote = await (known === undefined ? logIn(input) : logInBehindGate(input, known));
  try {
    const [seenFrom] = await Promise.all([
      learnOwnAddress(remote, input),
      // A password is asked for while the person still watches the login.
      remote.run(['true'], { sudo: true }),
    ]);
    return {
      seenFrom,
      ask: (argv) => remote.run(['knockgated', ...argv], { sudo: true }),
      close: () => remote.close(),
    };
  } catch (error) {
    await remote.close();
    throw error;
  }
}
