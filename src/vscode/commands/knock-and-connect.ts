import { l10n } from 'vscode';
import type { Parts } from '../parts.ts';
import { pickHost } from '../pick-host.ts';
import { openRemoteWindow } from '../remote-window.ts';
import { withProgress } from '../with-progress.ts';
import { addHost } from './add-host.ts';
import { gatedHost, nameFrom } from './named-host.ts';

/** Knock: Knock and Connect… */
export async function knockAndConnect(parts: Parts, argument: unknown): Promise<void> {
  const name = nameFrom(argument) ?? (await pickHost(parts, l10n.t('Knock and Connect'), 'all'));
  if (name === undefined) return;
  const { hosts, broken } = parts.hosts();
  if (!hosts.has(name) && !broken.has(name) && !(await addHost(parts, name))) return;
  const host = gatedHost(name, parts.hosts());
  const request = { reason: 'knock and connect', force: false, trustMs: 0 };
  await withProgress(l10n.t('knocking at {0}', name), (signal) => parts.knocker.knock(host, request, signal));
  await openRemoteWindow(name, parts.globalState, parts.clock.wallMs());
}
