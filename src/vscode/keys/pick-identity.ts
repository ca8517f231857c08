import { l10n, ThemeIcon } from 'vscode';
import { formatClientLine } from '../../spa/enrolment.ts';
import { choose } from '../ask/ask.ts';
import { nameFrom } from '../commands/named-host.ts';
import { gatesOf } from '../hosts/host-book.ts';
import type { Parts } from '../parts.ts';
import { identityOf } from './host-keys.ts';
import { USUAL_IDENTITY } from './keyring.ts';

/**
 * Identity that a command is for: that of its host, the only one, or the one that the person picks.
 * @returns undefined when the person cancels
 */
export async function pickIdentity(parts: Parts, title: string, argument: unknown): Promise<string | undefined> {
  const name = nameFrom(argument);
  const host = name === undefined ? undefined : parts.hosts().hosts.get(name);
  if (host?.kind === 'gate') return identityOf(host);
  const { identities } = parts.keyring;
  if (identities.length === 1) return identities[0];
  const items = identities.map((identity) => ({
    label: identity,
    iconPath: new ThemeIcon('key'),
    description: hostsOf(identity, parts).join(', '),
    identity,
  }));
  const placeHolder = l10n.t('Choose an identity');
  return (await choose(items, { title, placeHolder }))?.identity;
}

/** Hosts that are knocked at with an identity. */
export function hostsOf(identity: string, { hosts }: Pick<Parts, 'hosts'>): string[] {
  return gatesOf(hosts())
    .filter((host) => identityOf(host) === identity)
    .map(({ name }) => name);
}

/** Line that enrols a key of this device on a gate. */
export function clientLine(identity: string, publicKey: Uint8Array, { keyName }: Pick<Parts, 'keyName'>): string {
  const name = identity === USUAL_IDENTITY ? keyName : `${keyName.slice(0, 40)}-${identity}`;
  return formatClientLine({ key: publicKey, name: name.slice(0, 63) });
}
