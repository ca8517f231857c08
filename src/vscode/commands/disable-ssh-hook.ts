import { l10n } from 'vscode';
import { withoutBlock } from '../../ssh/hook/marked-block.ts';
import { approve } from '../ssh-hook/approve.ts';
import { changesOf, makeChange, markedConfigs, noteMarkedConfigs, type SshHookParts } from '../ssh-hook/ssh-configs.ts';
import { tell } from '../tell.ts';

/** Knockgate: Stop Knocking for Every SSH Connection… Puts the SSH configuration back as it was, after showing that and asking. */
export async function disableSshHook({ sshHook, crypto, globalState, log }: SshHookParts): Promise<void> {
  const paths = [...new Set([...markedConfigs(globalState), ...sshHook.configs])];
  const changes = changesOf(paths, withoutBlock);
  const title = l10n.t('Stop Knocking for Every SSH Connection');
  if (changes.length > 0 && !(await approve(changes, title, l10n.t('Make This Change')))) return;
  for (const change of changes) makeChange(change, crypto);
  sshHook.turnOff();
  await noteMarkedConfigs(globalState, []);
  log.info('ssh hook: off');
  tell(l10n.t('The SSH configuration is as it was before.'));
}
