import type { CommandName } from './command-names.ts';
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
import { openFolder, openFolderHere } from './commands/open-folder.ts';
import { removeGate } from './commands/remove-gate.ts';
import { removeHost } from './commands/remove-host.ts';
import { rotateGateKey } from './commands/rotate-gate-key.ts';
import { rotateKey } from './commands/rotate-key.ts';
import { setHostKeys } from './commands/set-host-keys.ts';
import { setPsk } from './commands/set-psk.ts';
import { setUpGate } from './commands/set-up-gate.ts';
import { showActions } from './commands/show-actions.ts';
import { showActivity } from './commands/show-activity.ts';
import { showFirstSteps } from './commands/show-first-steps.ts';
import { showTimings } from './commands/show-timings.ts';
import { unlockKeys } from './keys/unlock-keys.ts';
import type { Parts } from './parts.ts';

/*
 * Code of the commands: a bundle of its own, dist/commands.js, which is loaded when the first of them runs. A window that opens
 * does not wait for its code to be read.
 */

export { speak } from '../base/phrase.ts';
export { openGateLink } from './set-up/gate-link.ts';
export { tellOfInterruptedSetUp } from './set-up/interrupted-set-up.ts';

/** Command. Its argument has any shape. */
type Command = (parts: Parts, argument: unknown) => unknown;

/** Every command; each has a file of its own. */
export const COMMANDS: Readonly<Record<CommandName, Command>> = {
  knockAndConnect,
  connectHere,
  openFolder,
  openFolderHere,
  knockHost,
  diagnoseHost,
  showActivity,
  addHost,
  setUpGate,
  removeGate,
  rotateGateKey,
  editHost,
  removeHost,
  copyGateLine,
  copyPublicKey,
  forgetKey,
  unlockKeys,
  createIdentity,
  chooseIdentity,
  rotateKey,
  finishRotation,
  exportKey,
  importFwknop,
  importKnockd,
  importKey,
  setHostKeys,
  setPsk,
  forgetPsk,
  refreshHosts: ({ refreshHosts }) => refreshHosts(),
  enableSshHook,
  disableSshHook,
  showActions,
  showFirstSteps,
  showLog: ({ showLog }) => showLog(),
  showTimings,
};
