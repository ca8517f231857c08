import { l10n, window } from 'vscode';
import type { Parts } from '../parts.ts';
import { pickHost } from '../pick-host.ts';
import { writeHost } from '../write-hosts.ts';
import { nameFrom } from './named-host.ts';

/** Knock: Remove Host… from the settings: the SSH configuration keeps it. */
export async function removeHost(parts: Parts, argument: unknown): Promise<void> {
  const name = nameFrom(argument) ?? (await pickHost(parts, l10n.t('Remove Host'), 'gated'));
  if (name === undefined) return;
  const remove = l10n.t('Remove');
  const detail = l10n.t(
    'Nothing is knocked at for it any more. The SSH configuration, the gate and the client key stay as they are.',
  );
  const question = l10n.t('Remove {0} and its gate from the settings?', name);
  if ((await window.showWarningMessage(question, { modal: true, detail }, remove)) !== remove) return;
  await writeHost(name, undefined);
  parts.log.info(`${name}: removed`);
}
