import { commands, type Disposable } from 'vscode';
import { addHost } from './commands/add-host.ts';
import { chooseIdentity } from './commands/choose-identity.ts';
import { copyGateLine } from './commands/copy-gate-line.ts';
import { copyPublicKey } from './commands/copy-public-key.ts';
import { createIdentity } from './commands/create-identity.ts';
import { diagnoseHost } from './commands/diagnose-host.ts';
import { disableSshHook } from './commands/disable-ssh-hook.ts';
import { editHost } from './commands/edit-host.ts';
import { enableSshHook } from './commands/enable-ssh-hook.ts';
import { exportKey } from './commands/export-key.ts';
import { finishRotation } from './commands/finish-rotation.ts';
import { forgetKey } from './commands/forget-key.ts';
import { forgetPsk } from './commands/forget-psk.ts';
import { importFwknop } from './commands/import-fwknop.ts';
import { importKey } from './commands/import-key.ts';
import { importKnockd } from './commands/import-knockd.ts';
import { connectHere, knockAndConnect } from './commands/knock-and-connect.ts';
import { knockHost } from './commands/knock-host.ts';
import { nameFrom } from './commands/named-host.ts';
import { openFolder, openFolderHere } from './commands/open-folder.ts';
import { removeGate } from './commands/remove-gate.ts';
import { removeHost } from './commands/remove-host.ts';
import { rotateGateKey } from './commands/rotate-gate-key.ts';
import { rotateKey } from './commands/rotate-key.ts';
import { setHostKeys } from './commands/set-host-keys.ts';
import { setPsk } from './commands/set-psk.ts';
import { setUpGate } from './commands/set-up-gate.ts';
import { showActions } from './commands/show-actions.ts';
import { showFirstSteps } from './commands/show-first-steps.ts';
import { showTimings } from './commands/show-timings.ts';
import type { Parts } from './parts.ts';
import { helpWith } from './problem-help.ts';
import { showProblem } from './show-problem.ts';
import { unlockKeys } from './unlock-keys.ts';

/** A command: what it was called with is of any shape. */
type Command = (parts: Parts, argument: unknown) => unknown;

/** Every command, by the name that package.json has it under; each has a file of its own. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  'knockgate.knockAndConnect': knockAndConnect,
  'knockgate.connectHere': connectHere,
  'knockgate.openFolder': openFolder,
  'knockgate.openFolderHere': openFolderHere,
  'knockgate.knockHost': knockHost,
  'knockgate.diagnoseHost': diagnoseHost,
  'knockgate.addHost': addHost,
  'knockgate.setUpGate': setUpGate,
  'knockgate.removeGate': removeGate,
  'knockgate.rotateGateKey': rotateGateKey,
  'knockgate.editHost': editHost,
  'knockgate.removeHost': removeHost,
  'knockgate.copyGateLine': copyGateLine,
  'knockgate.copyPublicKey': copyPublicKey,
  'knockgate.forgetKey': forgetKey,
  'knockgate.unlockKeys': unlockKeys,
  'knockgate.createIdentity': createIdentity,
  'knockgate.chooseIdentity': chooseIdentity,
  'knockgate.rotateKey': rotateKey,
  'knockgate.finishRotation': finishRotation,
  'knockgate.exportKey': exportKey,
  'knockgate.importFwknop': importFwknop,
  'knockgate.importKnockd': importKnockd,
  'knockgate.importKey': importKey,
  'knockgate.setHostKeys': setHostKeys,
  'knockgate.setPsk': setPsk,
  'knockgate.forgetPsk': forgetPsk,
  'knockgate.refreshHosts': ({ refreshHosts }) => refreshHosts(),
  'knockgate.enableSshHook': enableSshHook,
  'knockgate.disableSshHook': disableSshHook,
  'knockgate.showActions': showActions,
  'knockgate.showFirstSteps': showFirstSteps,
  'knockgate.showLog': ({ showLog }) => showLog(),
  'knockgate.showTimings': showTimings,
};

/** Those that need a key: where keys are in a file, it is unlocked first. */
const NEED_KEYS: ReadonlySet<string> = new Set(
  [
    'knockAndConnect',
    'connectHere',
    'openFolder',
    'openFolderHere',
    'knockHost',
    'diagnoseHost',
    'setUpGate',
    'removeGate',
    'rotateGateKey',
    'copyPublicKey',
    'forgetKey',
    'createIdentity',
    'rotateKey',
    'finishRotation',
    'exportKey',
    'importFwknop',
    'importKey',
    'setHostKeys',
    'setPsk',
    'forgetPsk',
  ].map((name) => `knockgate.${name}`),
);

/**
 * Registers the commands. Their errors are shown; a command that failed returns undefined.
 * @param ended called when one has ended, however it did
 */
export function registerCommands(parts: Parts, ended: () => void): Disposable[] {
  return Object.entries(COMMANDS).map(([id, command]) =>
    commands.registerCommand(id, async (argument?: unknown) => {
      try {
        if (NEED_KEYS.has(id) && !(await unlockKeys(parts))) return undefined;
        return await command(parts, argument);
      } catch (error) {
        const host = parts.knocker.hostOf(error) ?? nameFrom(argument);
        showProblem(error, parts.log, parts.showLog, helpWith(error, host, parts));
        return undefined;
      } finally {
        ended();
      }
    }),
  );
}
