import { l10n, QuickPickItemKind, ThemeIcon } from 'vscode';
import { type AnyHost, kindOf } from '../../client/hosts/kinds.ts';
import { parsePlainDestination } from '../../ssh/destination.ts';
import type { Parts } from '../parts.ts';
import { lockText } from '../status/status-text.ts';
import { choose, chooseOrType, type TypedItem } from './ask.ts';

/** Host that was picked, by its name or by a typed text. The caller checks whether it has a gate. */
interface HostItem extends TypedItem {
  readonly host?: string;
}

/**
 * Asks for a host of the settings.
 * @param which `all`, also with invalid settings; `gates`: those with a gate of ours; `keyed`: those that share keys with this
 * device
 * @returns undefined when the person cancels
 */
export async function pickHost(
  parts: Pick<Parts, 'hosts' | 'states' | 'clock'>,
  title: string,
  which: 'all' | 'gates' | 'keyed',
): Promise<string | undefined> {
  const offered = [...parts.hosts().hosts.values()].filter(
    (host) => which === 'all' || (which === 'gates' ? host.kind === 'gate' : kindOf(host).sharesKeys(host)),
  );
  const items = offered.map((host) => hostItem(host, parts));
  // An invalid host has no kind.
  if (which === 'all') items.push(...[...parts.hosts().broken.keys()].map(brokenItem));
  const placeHolder = l10n.t('Choose a host');
  return (await choose(items, { title, placeHolder, matchOnDescription: true }))?.host;
}

/**
 * Asks for a destination: a host of the settings or of the SSH configuration, or a typed text that ssh accepts.
 * @param withSshHosts whether to list the SSH configuration's hosts too
 * @returns the name, or the typed text; undefined when the person cancels
 */
export async function pickDestination(
  parts: Pick<Parts, 'hosts' | 'states' | 'clock' | 'sshAliases'>,
  title: string,
  withSshHosts: boolean,
): Promise<string | undefined> {
  const { hosts } = parts.hosts();
  const plain = withSshHosts ? parts.sshAliases().filter((alias) => !hosts.has(alias)) : [];
  const heading = { label: l10n.t('SSH configuration, no gate known'), kind: QuickPickItemKind.Separator };
  const items: HostItem[] = [
    ...[...hosts.values()].map((host) => hostItem(host, parts)),
    ...(plain.length > 0 ? [heading] : []),
    ...plain.map((host) => ({ label: host, iconPath: new ThemeIcon('server'), host })),
  ];
  const placeHolder = l10n.t('Choose a host, or type one, such as root@203.0.113.7');
  const picked = await chooseOrType(items, { title, placeHolder, matchOnDescription: true }, typedItem);
  return picked?.host;
}

function brokenItem(host: string): HostItem {
  return { label: host, iconPath: new ThemeIcon('warning'), description: l10n.t('wrong settings'), host };
}

function typedItem(text: string): HostItem {
  if (parsePlainDestination(text) === undefined)
    return {
      label: l10n.t('Not a host'),
      iconPath: new ThemeIcon('warning'),
      detail: l10n.t('Expected a name or an address, such as root@203.0.113.7.'),
      isWrong: true,
    };
  return {
    label: text,
    iconPath: new ThemeIcon('terminal'),
    description: l10n.t('as you would give it to ssh'),
    host: text,
  };
}

function hostItem(host: AnyHost, { states, clock }: Pick<Parts, 'states' | 'clock'>): HostItem {
  const { icon, state } = lockText(host.name, states.get(host.name), clock.wallMs());
  const where = kindOf(host).addressesOf(host).join(', ');
  return { label: host.name, iconPath: new ThemeIcon(icon), description: `${state} · ${where}`, host: host.name };
}
