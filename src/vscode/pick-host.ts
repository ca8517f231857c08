import { l10n, type QuickPickItem, QuickPickItemKind, ThemeIcon } from 'vscode';
import { type AnyHost, placesOf, sharesKeys } from '../client/any-host.ts';
import { choose } from './ask.ts';
import { lockText } from './lock-text.ts';
import type { Parts } from './parts.ts';

/** A host that was picked: its name; whether it has a gate is for the caller to see. */
interface HostItem extends QuickPickItem {
  readonly host?: string;
}

/**
 * Asks for a host.
 * @param which `gated`: those that can be knocked at; `gates`: of them those with a gate of ours; `keyed`: those that share
 * keys with this device; `all`: those of the SSH configuration too
 * @returns undefined when the person cancels
 */
export async function pickHost(
  parts: Parts,
  title: string,
  which: 'gated' | 'gates' | 'keyed' | 'all',
): Promise<string | undefined> {
  const { hosts } = parts.hosts();
  const offered = [...hosts.values()].filter(
    (host) => which === 'gated' || which === 'all' || (which === 'gates' ? host.kind === 'gate' : sharesKeys(host)),
  );
  const gated = offered.map((host) => gatedItem(host, parts));
  const plain = which === 'all' ? parts.sshAliases().filter((alias) => !hosts.has(alias)) : [];
  const items: HostItem[] = [
    ...gated,
    ...(plain.length > 0
      ? [{ label: l10n.t('SSH configuration, no gate known'), kind: QuickPickItemKind.Separator }]
      : []),
    ...plain.map((host) => ({ label: host, iconPath: new ThemeIcon('server'), host })),
  ];
  const placeHolder = l10n.t('Choose a host');
  const picked = await choose(items, { title, placeHolder, matchOnDescription: true });
  return picked?.host;
}

function gatedItem(host: AnyHost, { states, clock }: Parts): HostItem {
  const { icon, state } = lockText(host.name, states.get(host.name), clock.wallMs());
  const where = placesOf(host).join(', ');
  return { label: host.name, iconPath: new ThemeIcon(icon), description: `${state} · ${where}`, host: host.name };
}
