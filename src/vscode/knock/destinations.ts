import type { Memento } from 'vscode';
import { nameFor } from '../../client/hosts/host-name.ts';
import { isHost, isPort, isUser, parsePlainDestination, type SshDestination } from '../../ssh/destination.ts';
import { type HostBook, hostCalled } from '../hosts/host-book.ts';
import type { Parts } from '../parts.ts';
import { notADestination } from '../problems.ts';

const RECORD = 'knockgate.destinations';

/**
 * Destination of a text that somebody chose or typed: for the name of a host, the last known one; otherwise what ssh makes of the
 * text.
 * @throws Problem `destination-invalid`
 */
export function destinationOf(
  text: string,
  { hosts, globalState }: Pick<Parts, 'hosts' | 'globalState'>,
): SshDestination {
  const book = hosts();
  if (book.hosts.has(text) || book.broken.has(text))
    return noted(globalState, text) ?? { host: text, user: undefined, port: undefined };
  const found = parsePlainDestination(text.trim());
  if (found === undefined) throw notADestination(text);
  return found;
}

/** Name in the settings of a host that somebody chose or typed, or the name that it will have. */
export function hostNameFor(text: string, book: HostBook): string {
  if (book.hosts.has(text)) return text;
  const { host } = parsePlainDestination(text.trim()) ?? { host: text };
  return hostCalled(host, book)?.name ?? nameFor(text.trim());
}

/**
 * Notes the destination of a host that was typed with a user or a port: its name alone would not be enough the next time. A host
 * that ssh knows by its name needs no note.
 */
export async function noteDestination(
  { globalState, sshAliases }: Pick<Parts, 'globalState' | 'sshAliases'>,
  name: string,
  { host, user, port }: SshDestination,
): Promise<void> {
  if (sshAliases().includes(host)) return;
  const { [name]: before, ...others } = record(globalState);
  const isPlain = host === name && user === undefined && port === undefined;
  if (isPlain && before === undefined) return;
  await globalState.update(RECORD, isPlain ? others : { ...others, [name]: { host, user, port } });
}

function noted(state: Pick<Memento, 'get'>, name: string): SshDestination | undefined {
  const value = new Map(Object.entries(record(state))).get(name);
  if (typeof value !== 'object' || value === null) return undefined;
  const { host, user, port }: Record<string, unknown> = { ...value };
  if (typeof host !== 'string' || !isHost(host)) return undefined;
  return {
    host,
    user: typeof user === 'string' && isUser(user) ? user : undefined,
    port: typeof port === 'number' && isPort(port) ? port : undefined,
  };
}

function record(state: Pick<Memento, 'get'>): Record<string, unknown> {
  const value = state.get<unknown>(RECORD);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
