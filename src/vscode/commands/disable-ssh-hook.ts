import { l10n } from 'vscode';
import { withoutBlock } from '../../ssh/hook/marked-block.ts';
import { tell } from '../ask/tell.ts';
import { approve } from '../ssh-hook/approve.ts';
import { changesOf, makeChange, markedConfigs, noteMarkedConfigs, type SshHookParts } from '../ssh-hook/ssh-configs.ts';

/** Argument of the command that undoes a change without a question: the person has just seen that change. */
export const WITHOUT_ASKING = 'without asking';

/** Knockgate: Stop Knocking for Every SSH Connection… Shows how the SSH configuration was before, asks, and restores it. */
export async function disableSshHook(
  { sshHook, crypto, globalState, log }: SshHookParts,
  argument?: unknown,
): Promise<void> {
  const paths = [...new Set([...markedConfigs(globalState), ...sshHook.configs])];
  const changes = changesOf(paths, withoutBlock);
  const title = l10n.t('Stop Knocking for Every SSH Connection');
  const isAsked = changes.length > 0 && argument !== WITHOUT_ASKING;
  if (isAsked && !(await approve(changes, title, l10n.t('Make This Change')))) return;
  for (const change of changes) makeChange(change, crypto);
  sshHook.turnOff();
  await noteMarkedConfigs(globalState, []);
  log.info('ssh hook: off');
  tell(l10n.t('The SSH configuration is as it was before.'));
}
