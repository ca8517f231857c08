import { phrase } from '../base/phrase.ts';
import { ownKeyNotRemoved } from '../client/problems.ts';
import { isName, parseClientLine } from '../spa/enrolment.ts';
import { formatKey } from '../spa/keys.ts';
import type { Ran, Remote } from './connection/remote.ts';
import { type LoginInput, logIn } from './log-in.ts';
import { learnOwnAddress } from './own-address.ts';
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
    await learnOwnAddress(remote, input);
    const words = argv.filter((arg) => !arg.startsWith('--'));
    if (words[0] === 'client' && words[1] === 'remove')
      return await removeClient(remote, input, words.slice(2).join(' '), argv.includes('--json'));
    return await remote.run(['knockgated', ...argv], { sudo: true });
  } finally {
    await remote.close();
  }
}

/**
 * Removes a client by its name, its key or its line. Refuses to remove the key that this login used: that would lock its owner out.
 * @param wanted the name, the key or the line
 */
async function removeClient(
  remote: Remote,
  { host, device }: LoginInput,
  wanted: string,
  isJson: boolean,
): Promise<Ran> {
  const title = phrase('Ask who may knock');
  // Without the list it is unknown whose key that is.
  const said = await runKnockgated(remote, title, ['client', 'list', '--json']);
  const clients = readPrintedList(said, host, title);
  const key = keyIn(wanted);
  const client = clients.find((each) => (key === undefined ? each.name === wanted : each.key === key));
  if (client?.key === formatKey(device.client.key) && typeof client.name === 'string')
    throw ownKeyNotRemoved(host, client.name);
  // A key that many gates are to forget is unknown to some of them.
  if (client === undefined && key !== undefined) return notEnrolled(key, isJson);
  const name = isName(client?.name) ? client.name : wanted;
  return remote.run(['knockgated', 'client', 'remove', ...(isJson ? ['--json'] : []), name], { sudo: true });
}

/** The key of a line or of a key alone; undefined for a name. */
function keyIn(wanted: string): string | undefined {
  if (wanted.includes(' ')) return formatKey(parseClientLine(wanted).key);
  return /^[A-Za-z0-9_-]{43}$/.test(wanted) ? wanted : undefined;
}

function notEnrolled(key: string, isJson: boolean): Ran {
  const said = isJson ? JSON.stringify({ key, known: false }) : `${key} is not enrolled here. Nothing was changed.`;
  return { code: 0, stdout: `${said}\n`, stderr: '' };
}
