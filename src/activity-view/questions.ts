import { formatNetwork, parseNetwork } from '../base/addresses.ts';
import { phrase } from '../base/phrase.ts';
import { badText } from '../base/problem.ts';
import { isCursor } from './answer.ts';
import type { Filter } from './messages.ts';

/*
 * Words after `knockgated` that ask a gate. They go to the server as words of their own, and no value can be taken for an option.
 */

export const ACTIVITY_QUESTION: readonly string[] = ['activity', '--json'];

const EVENT = /^[a-z][a-z0-9-]{0,63}$/;
/** Names of clients, and `by hand`. */
const CLIENT = /^[\w.@][\w.@ -]{0,63}$/;
/**
 * Asks for a page of the log.
 * @param before where the page begins; null for the newest events
 * @throws Problem `bad-text`
 */
export function eventsQuestion(before: string | null, limit: number, { event, client, address }: Filter): string[] {
  if (before !== null && !isCursor(before)) throw badText(phrase('page'), before, phrase('the cursor of a page'));
  if (event !== '' && !EVENT.test(event)) throw badText(phrase('event'), event, phrase('a name such as granted'));
  if (client !== '' && !CLIENT.test(client)) throw badText(phrase('client'), client, phrase('the name of a client'));
  return [
    ...['events', '--json', '--limit', String(limit)],
    ...(before === null ? [] : ['--before', before]),
    ...(event === '' ? [] : ['--event', event]),
    ...(client === '' ? [] : ['--client', client]),
    ...(address === '' ? [] : ['--address', plainAddress(address)]),
  ];
}

/** Asks to end the grants of an address. @throws Problem `bad-text` */
export function revokeQuestion(address: string): string[] {
  return ['revoke', '--json', plainAddress(address)];
}

function plainAddress(text: string): string {
  return formatNetwork(parseNetwork(text, 'address'));
}
