import type { ProblemText } from '../../src/base/problem.ts';
import { refusedByDaemon } from '../problems.ts';

/** Requests of the subcommands to the running daemon: one JSON object a line, answered by one. */
export type ControlRequest =
  | { readonly command: 'status' }
  | { readonly command: 'list' }
  /** The events of a month, and the state of the gate. */
  | { readonly command: 'activity' }
  | { readonly command: 'reload' }
  | ({ readonly command: 'flush' } & Ordered)
  /** Ends the trial: the gate stays. */
  | { readonly command: 'confirm' }
  | {
      readonly command: 'grant';
      readonly address: string;
      readonly ports: readonly string[];
      readonly seconds?: number;
      readonly by?: string;
    }
  /** An address, a network or a client's name. */
  | ({ readonly command: 'revoke'; readonly whom: string } & Ordered);

/** Administrator who asks, as the environment of the subcommand says. The log takes that on trust: only root and its group may ask. */
interface Ordered {
  readonly by?: string;
}

export type ControlAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: ProblemText };

/** Longest line: a longer one is not a request. */
export const LONGEST_LINE = 65_536;

/** A live grant as `list` shows it. */
export interface ShownGrant {
  readonly client: string;
  readonly address: string;
  readonly port: string;
  readonly seconds: number;
}

/**
 * Reads a line.
 * @throws Problem `refused-by-daemon`
 */
export function parseRequest(line: string): ControlRequest {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw refusedByDaemon('The control socket takes one JSON object a line.');
  }
  if (isRequest(value)) return value;
  throw refusedByDaemon('That request is not known to this daemon; is it older than your knockgated?');
}

function isRequest(value: unknown): value is ControlRequest {
  if (typeof value !== 'object' || value === null || !('command' in value)) return false;
  const { command } = value;
  if ('by' in value && !isUserName(value.by)) return false;
  if (command === 'grant')
    return (
      'address' in value &&
      typeof value.address === 'string' &&
      'ports' in value &&
      Array.isArray(value.ports) &&
      value.ports.every((port) => typeof port === 'string') &&
      (!('seconds' in value) || typeof value.seconds === 'number')
    );
  if (command === 'revoke') return 'whom' in value && typeof value.whom === 'string';
  return ['status', 'list', 'activity', 'reload', 'flush', 'confirm'].some((known) => known === command);
}

/** Name of a user: NAME_REGEX of adduser.conf(5) and what directories of users add to it. */
export function isUserName(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.@\\-]{1,64}$/.test(value);
}
