import { fieldsOf, parseJson } from '../client/loose-json.ts';
import { ownKeyNotRemoved } from '../client/problems.ts';
import { formatKey } from '../spa/keys.ts';
import type { Ran, Remote } from './connection/remote.ts';
import { type LoginInput, logIn } from './log-in.ts';

/**
 * Has the gate of a host do something: knocks, logs in, and runs `knockgated` there, as root.
 * @param argv the subcommand and its arguments; knockgated(8)
 * @throws Problem `own-key-not-removed`; those of a knock, a login and of sudo
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

/** Removing the key that this login came in with would lock its owner out. */
async function keepOwnKey(remote: Remote, { host, device }: LoginInput, names: readonly string[]): Promise<void> {
  const { stdout } = await remote.run(['knockgated', 'client', 'list', '--json'], { sudo: true });
  const clients = parseJson(stdout);
  const key = formatKey(device.client.key);
  const own = (Array.isArray(clients) ? clients : []).map(fieldsOf).find((client) => client.key === key);
  if (typeof own?.name === 'string' && names.includes(own.name)) throw ownKeyNotRemoved(host, own.name);
}
