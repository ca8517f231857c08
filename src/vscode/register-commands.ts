import { commands, type Disposable, l10n } from 'vscode';
import { helpWith } from './ask/problem-help.ts';
import { showProblem } from './ask/show-problem.ts';
import { type CommandName, NEEDS_KEY } from './command-names.ts';
import { nameFrom } from './commands/named-host.ts';
import { unlockKeys } from './keys/unlock-keys.ts';
import type { Parts } from './parts.ts';

/** Loads the code of the commands, in the language of the editor. */
export async function loadCommands(): Promise<typeof import('./commands.ts')> {
  const loaded = await import('./commands.ts');
  // Each bundle has its own copy of shared code.
  loaded.speak(l10n.t);
  return loaded;
}

/**
 * Registers the commands. Their errors are shown; a failed command returns undefined.
 * @param ended called when a command has ended or failed
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
