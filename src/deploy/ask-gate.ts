import { phrase } from '../base/phrase.ts';
import { ownKeyNotRemoved } from '../client/problems.ts';
import { formatKey } from '../spa/keys.ts';
import type { Ran, Remote } from './connection/remote.ts';
import { type LoginInput, logIn } from './log-in.ts';
import { readPrintedList } from './printed-list.ts';
import { runKnockgated } from './run-knockgated.ts';

/**
 * Runs a subcommand on the gate of a host: knocks, logs in, and runs `knockgated` there, as root.
 * @param argv the subcommand and its arguments; knockgated(8)
 * @throws Problem `own-key-not-removed`, `answer-not-understood`, `step-failed`; those of a knock, a login and of sudo
 */
export async function askGate(input: LoginInput, argv: readonly string[]): Promise<Ran> {
  const remote = await logIn(input);
  try {
    // Options may be between the words.
    if (argv[0] === 'client' && argv.includes('remove')) await keepOwnKey(remote, input, argv.slice(1));
    return await remote.run(['knockgated', ...argv], { sudo: true });
  } finally {
    await remote.close();
  }
}

/** Refuses to remove the key that this login used: that would lock its owner out. */
async function keepOwnKey(remote: Remote, { host, device }: LoginInput, names: readonly string[]): Promise<void> {
  const title = phrase('Ask who may knock');
  // Without the list it is unknown whose key that is.
  const said = await runKnockgated(remote, title, ['client', 'list', '--json']);
  const key = formatKey(device.client.key);
  const own = readPrintedList(said, host, title).find((client) => client.key === key);
  if (typeof own?.name === 'string' && names.includes(own.name)) throw ownKeyNotRemoved(host, own.name);
}
