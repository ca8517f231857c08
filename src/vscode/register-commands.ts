import { commands, type Disposable, l10n } from 'vscode';
import { nameFrom } from './commands/named-host.ts';
import type { Parts } from './parts.ts';
import { helpWith } from './problem-help.ts';
import { showProblem } from './show-problem.ts';
import { unlockKeys } from './unlock-keys.ts';

/** Every command, and whether it needs a key: where keys are in a file, it is unlocked first. */
export const NEEDS_KEY = {
  knockAndConnect: true,
  connectHere: true,
  openFolder: true,
  openFolderHere: true,
  knockHost: true,
  diagnoseHost: true,
  addHost: false,
  setUpGate: true,
  removeGate: true,
  rotateGateKey: true,
  editHost: false,
  removeHost: false,
  copyGateLine: false,
  copyPublicKey: true,
  forgetKey: true,
  unlockKeys: false,
  createIdentity: true,
  chooseIdentity: false,
  rotateKey: true,
  finishRotation: true,
  exportKey: true,
  importFwknop: true,
  importKnockd: false,
  importKey: true,
  setHostKeys: true,
  setPsk: true,
  forgetPsk: true,
  refreshHosts: false,
  enableSshHook: false,
  disableSshHook: false,
  showActions: false,
  showFirstSteps: false,
  showLog: false,
  showTimings: false,
} as const;

/** What package.json has as `knockgate.NAME`. */
export type CommandName = keyof typeof NEEDS_KEY;

/** Loads what the commands do, in the language of the editor. */
export async function loadCommands(): Promise<typeof import('./commands.ts')> {
  const loaded = await import('./commands.ts');
  // A bundle has a copy of its own of what it shares with the others.
  loaded.speak(l10n.t);
  return loaded;
}

/**
 * Registers the commands. Their errors are shown; a command that failed returns undefined.
 * @param ended called when one has ended, however it did
 */
export function registerCommands(parts: Parts, ended: () => void): Disposable[] {
  const names = Object.keys(NEEDS_KEY) as CommandName[];
  return names.map((name) =>
    commands.registerCommand(`knockgate.${name}`, async (argument?: unknown) => {
      try {
        if (NEEDS_KEY[name] && !(await unlockKeys(parts))) return undefined;
        const { COMMANDS } = await loadCommands();
        return await COMMANDS[name](parts, argument);
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
