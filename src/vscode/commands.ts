import { commands, type Disposable, l10n } from 'vscode';
import { addHost } from './commands/add-host.ts';
import { copyGateLine } from './commands/copy-gate-line.ts';
import { copyPublicKey } from './commands/copy-public-key.ts';
import { diagnoseHost } from './commands/diagnose-host.ts';
import { disableSshHook } from './commands/disable-ssh-hook.ts';
import { editHost } from './commands/edit-host.ts';
import { enableSshHook } from './commands/enable-ssh-hook.ts';
import { forgetKey } from './commands/forget-key.ts';
import { knockAndConnect } from './commands/knock-and-connect.ts';
import { knockHost } from './commands/knock-host.ts';
import { removeHost } from './commands/remove-host.ts';
import { showActions } from './commands/show-actions.ts';
import { showTimings } from './commands/show-timings.ts';
import type { Parts } from './parts.ts';
import { type Offer, showProblem } from './show-problem.ts';

/** A command: what it was called with is of any shape. */
type Command = (parts: Parts, argument: unknown) => unknown;

/** Every command, by the name that package.json has it under; each has a file of its own. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  'knockgate.knockAndConnect': knockAndConnect,
  'knockgate.knockHost': knockHost,
  'knockgate.diagnoseHost': diagnoseHost,
  'knockgate.addHost': addHost,
  'knockgate.editHost': editHost,
  'knockgate.removeHost': removeHost,
  'knockgate.copyGateLine': copyGateLine,
  'knockgate.copyPublicKey': copyPublicKey,
  'knockgate.forgetKey': forgetKey,
  'knockgate.refreshHosts': ({ refreshHosts }) => refreshHosts(),
  'knockgate.enableSshHook': enableSshHook,
  'knockgate.disableSshHook': disableSshHook,
  'knockgate.showActions': showActions,
  'knockgate.showLog': ({ showLog }) => showLog(),
  'knockgate.showTimings': showTimings,
};

/** Registers the commands. Their errors are shown; a command that failed returns undefined. */
export function registerCommands(parts: Parts): Disposable[] {
  return Object.entries(COMMANDS).map(([id, command]) =>
    commands.registerCommand(id, async (argument?: unknown) => {
      try {
        return await command(parts, argument);
      } catch (error) {
        showProblem(error, parts.log, parts.showLog, diagnoseAfter(error, parts));
        return undefined;
      }
    }),
  );
}

/** What to do about a knock that failed, beside looking at the log. */
function diagnoseAfter(error: unknown, { knocker }: Parts): Offer | undefined {
  const host = knocker.hostOf(error);
  if (host === undefined) return undefined;
  return { title: l10n.t('Diagnose'), run: () => commands.executeCommand('knockgate.diagnoseHost', host) };
}
