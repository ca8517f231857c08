import { commands, env, l10n } from 'vscode';
import { canHaveHook } from '../../ssh/hook/managed-config.ts';
import { withBlock } from '../../ssh/hook/marked-block.ts';
import { tell } from '../ask/tell.ts';
import { approve } from '../ssh-hook/approve.ts';
import { changesOf, makeChange, markedConfigs, noteMarkedConfigs, type SshHookParts } from '../ssh-hook/ssh-configs.ts';
import { WITHOUT_ASKING } from './disable-ssh-hook.ts';

/** Most names that a message lists. */
const NAMES_TOLD = 3;

/** Knockgate: Knock for Every SSH Connection… Shows the change of the SSH configuration, and asks. */
export async function enableSshHook({ sshHook, hosts, crypto, globalState, log }: SshHookParts): Promise<void> {
  const wasOn = sshHook.isOn;
  const managed = await sshHook.plan();
  const changes = changesOf(sshHook.configs, (before) => withBlock(before, sshHook.files.includeLine));
  const title = l10n.t('Knock for Every SSH Connection');
  if (changes.length > 0 && !(await approve([managed, ...changes], title, l10n.t('Make This Change')))) return;
  // It is noted first, so that it can be undone even if something fails in between.
  const paths = new Set([...markedConfigs(globalState), ...changes.map(({ path }) => path)]);
  await noteMarkedConfigs(globalState, [...paths]);
  for (const change of changes) makeChange(change, crypto);
  sshHook.turnOn();
  log.info(`ssh hook: on (${sshHook.configs.join(', ')})`);
  const undo = () => commands.executeCommand('knockgate.disableSshHook', WITHOUT_ASKING);
  tell(whatChanged([...hosts().hosts.keys()]), ...(wasOn ? [] : [{ title: l10n.t('Undo'), run: undo }]));
}

function whatChanged(hosts: readonly string[]): string {
  const names = hosts.filter(canHaveHook);
  if (names.length === 0)
    return l10n.t('ssh and git will knock first at the hosts that you add, while this editor is open.');
  const told = names.length > NAMES_TOLD ? names.slice(0, NAMES_TOLD - 1) : names;
  const others = names.length - told.length;
  const list = others > 0 ? [...told, l10n.t('{0} other hosts', others)] : told;
  const inWords = new Intl.ListFormat(env.language).format(list);
  return l10n.t('ssh and git now knock at {0} first, while this editor is open.', inWords);
}
