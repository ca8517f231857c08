import { joined, type Phrase, phrase } from '../../base/phrase.ts';
import type { Through } from '../network/wait.ts';
import type { Result } from './diagnosis.ts';
import type { ReadGreeting } from './greeting.ts';

const GREETING_WITHIN_MS = 3000;
const SSH_PORT = 22;

/**
 * Says whether the expected server answers, and closes the connection.
 * @param sshPort port of ssh; undefined when it is unknown
 */
export async function greet(
  { socket, port }: Pick<Through, 'socket' | 'port'>,
  sshPort: number | undefined,
  io: { readonly readGreeting: ReadGreeting },
): Promise<{ readonly result: Result; readonly finding: Phrase }> {
  if (port !== (sshPort ?? SSH_PORT)) {
    socket.destroy();
    return { result: 'unknown', finding: phrase('tcp/{0} is not where ssh connects.', port) };
  }
  const greeting = await io.readGreeting(socket, GREETING_WITHIN_MS);
  if (greeting === undefined)
    return { result: 'not ok', finding: phrase('That is not the greeting of an SSH server.') };
  return { result: 'ok', finding: joined([`\`${greeting.replaceAll('`', "'")}\``], '') };
}
