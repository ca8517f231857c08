import { l10n } from 'vscode';
import { showActivityPanel } from '../activity/activity-panel.ts';
import { pickHost } from '../ask/pick-host.ts';
import type { Parts } from '../parts.ts';
import { gatedHost, nameFrom } from './named-host.ts';

/** Knockgate: Show Activity… Shows who is let in at a gate, who came, who was refused, and how the gate is. */
export async function showActivity(parts: Parts, argument: unknown): Promise<void> {
  const name = nameFrom(argument) ?? (await pickHost(parts, l10n.t('Show Activity'), 'gates'));
  if (name === undefined) return;
  gatedHost(name, parts.hosts());
  showActivityPanel(parts, name);
}
