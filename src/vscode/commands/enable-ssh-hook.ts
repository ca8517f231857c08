import { l10n } from 'vscode';
import { withBlock } from '../../ssh/hook/marked-block.ts';
import { approve } from '../ssh-hook/approve.ts';
import { changesOf, makeChange, markedConfigs, noteMarkedConfigs, type SshHookParts } from '../ssh-hook/ssh-configs.ts';
import { tell } from '../tell.ts';

/** Knockgate: Knock for Every SSH Connection… Shows what it would change in the SSH configuration, and asks. */
export async function enableSshHook({ sshHook, crypto, globalState, log }: SshHookParts): Promise<void> {
  const managed = await sshHook.plan();
  const changes = changesOf(sshHook.configs, (before) => withBlock(before, sshHook.files.includeLine));
  const title = l10n.t('Knock for Every SSH Connection');
  if (changes.length > 0 && !(await approve([managed, ...changes], title, l10n.t('Make This Change')))) return;
  // Noted before it is done, so that whatever happens in between can be taken back.
  const paths = new Set([...markedConfigs(globalState), ...changes.map(({ path }) => path)]);
  await noteMarkedConfigs(globalState, [...paths]);
  for (const change of changes) makeChange(change, crypto);
  sshHook.turnOn();
  log.info(`ssh hook: on (${sshHook.configs.join(', ')})`);
  tell(l10n.t('Every ssh to these hosts now knocks first.'));
}
