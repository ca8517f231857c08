import { commands, l10n, type QuickPickItem, ThemeIcon } from 'vscode';
import { menu } from '../ask/ask.ts';
import type { Parts } from '../parts.ts';
import { keyStoreSetting } from '../settings.ts';

interface Action extends QuickPickItem {
  readonly command: string;
  readonly arguments: readonly unknown[];
}

/** Knockgate: Show Actions: what a click on the lock opens. */
export async function showActions(parts: Parts): Promise<void> {
  const host = parts.windowDoor()?.host.name ?? parts.states.lastKnocked;
  const areKeysLocked = keyStoreSetting() === 'file' && parts.keyFile.isLocked;
  const picked = await menu(actions(host, areKeysLocked), {
    title: 'Knockgate',
    placeHolder: l10n.t('What do you want to do?'),
  });
  if (picked !== undefined) await commands.executeCommand(picked.command, ...picked.arguments);
}

function actions(host: string | undefined, areKeysLocked: boolean): Action[] {
  const again: Action[] =
    host === undefined
      ? []
      : [
          action('remote', l10n.t('Connect to {0}', host), 'knockgate.knockAndConnect', host),
          action('key', l10n.t('Knock at {0}', host), 'knockgate.knockHost', host),
          action('pulse', l10n.t('Diagnose {0}', host), 'knockgate.diagnoseHost', host),
        ];
  const unlock = areKeysLocked ? [action('unlock', l10n.t('Unlock Keys…'), 'knockgate.unlockKeys')] : [];
  return [
    ...unlock,
    ...again,
    action('remote', l10n.t('Knock and Connect…'), 'knockgate.knockAndConnect'),
    action('key', l10n.t('Knock…'), 'knockgate.knockHost'),
    action('folder-opened', l10n.t('Knock and Open Folder…'), 'knockgate.openFolder'),
    action('add', l10n.t('Add Host…'), 'knockgate.addHost'),
    action('shield', l10n.t('Set Up Gate…'), 'knockgate.setUpGate'),
    action('copy', l10n.t('Copy Public Key'), 'knockgate.copyPublicKey'),
    action('list-unordered', l10n.t('Hosts'), 'knockgate.hosts.focus'),
    action('book', l10n.t('First Steps'), 'knockgate.showFirstSteps'),
    action('output', l10n.t('Show Log'), 'knockgate.showLog'),
    action('gear', l10n.t('Settings'), 'workbench.action.openSettings', '@ext:knockgate.knockgate'),
  ];
}

/** Item of a list. The icon is beside the label, not in it: a screen reader would read its name. */
function action(icon: string, label: string, command: string, ...args: readonly unknown[]): Action {
  return { label, iconPath: new ThemeIcon(icon), command, arguments: args };
}
