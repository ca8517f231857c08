import { commands, l10n, type QuickPickItem, window } from 'vscode';
import type { Parts } from '../parts.ts';
import { keyStoreSetting } from '../settings.ts';

interface Action extends QuickPickItem {
  readonly command: string;
  readonly arguments?: readonly unknown[];
}

/** Knock: Show Actions: what a click on the lock opens. */
export async function showActions(parts: Parts): Promise<void> {
  const host = parts.windowDoor()?.host.name ?? parts.states.lastKnocked;
  const areKeysLocked = keyStoreSetting() === 'file' && parts.keyFile.isLocked;
  const picked = await window.showQuickPick(actions(host, areKeysLocked), {
    title: 'Knockgate',
    placeHolder: l10n.t('What to do'),
  });
  if (picked !== undefined) await commands.executeCommand(picked.command, ...(picked.arguments ?? []));
}

function actions(host: string | undefined, areKeysLocked: boolean): Action[] {
  const again: Action[] =
    host === undefined
      ? []
      : [
          { label: l10n.t('$(key) Knock at {0}', host), command: 'knockgate.knockHost', arguments: [host] },
          { label: l10n.t('$(pulse) Diagnose {0}', host), command: 'knockgate.diagnoseHost', arguments: [host] },
        ];
  const unlock: Action[] = areKeysLocked
    ? [{ label: l10n.t('$(unlock) Unlock Keys…'), command: 'knockgate.unlockKeys' }]
    : [];
  return [
    ...unlock,
    ...again,
    { label: l10n.t('$(remote) Knock and Connect…'), command: 'knockgate.knockAndConnect' },
    { label: l10n.t('$(key) Knock…'), command: 'knockgate.knockHost' },
    { label: l10n.t('$(add) Add Host…'), command: 'knockgate.addHost' },
    { label: l10n.t('$(copy) Copy Public Key'), command: 'knockgate.copyPublicKey' },
    { label: l10n.t('$(output) Show Log'), command: 'knockgate.showLog' },
    {
      label: l10n.t('$(gear) Settings'),
      command: 'workbench.action.openSettings',
      arguments: ['@ext:knockgate.knockgate'],
    },
  ];
}
