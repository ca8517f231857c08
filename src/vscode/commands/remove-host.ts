import { l10n } from 'vscode';
import { confirm } from '../ask/ask.ts';
import { pickHost } from '../ask/pick-host.ts';
import { writeHost } from '../hosts/write-hosts.ts';
import { unlockKeys } from '../keys/unlock-keys.ts';
import type { Parts } from '../parts.ts';
import { nameFrom } from './named-host.ts';

/** Knockgate: Remove Host… from the settings; it stays in the SSH configuration. */
export async function removeHost(parts: Parts, argument: unknown): Promise<void> {
  const name = nameFrom(argument) ?? (await pickHost(parts, l10n.t('Remove Host'), 'all'));
  if (name === undefined) return;
  const [hasPsk, hasKeys] = [parts.keyring.hasPsk(name), parts.hostSecrets.has(name)];
  // If keys are in a file, those of the host are there too.
  if ((hasPsk || hasKeys) && !(await unlockKeys(parts))) return;
  const remove = l10n.t('Remove');
  const kind = parts.hosts().hosts.get(name)?.kind ?? 'gate';
  const stays =
    kind === 'gate'
      ? l10n.t(
          'Knockgate no longer knocks for it. The SSH configuration, the gate and the client key stay as they are.',
        )
      : l10n.t('Knockgate no longer knocks for it. The SSH configuration and the server stay as they are.');
  const goes = hasKeys
    ? l10n.t('The keys that it shares with this device are forgotten, which cannot be undone.')
    : l10n.t('Its pre-shared key is forgotten, which cannot be undone.');
  const detail = hasPsk || hasKeys ? `${stays} ${goes}` : stays;
  const question =
    kind === 'gate'
      ? l10n.t('Remove {0} and its gate from the settings?', name)
      : l10n.t('Remove {0} from the settings?', name);
  if (!(await confirm(question, remove, detail))) return;
  await writeHost(name, undefined);
  // Otherwise a later host of this name would knock with a secret that its gate does not know.
  if (hasPsk) await parts.keyring.forgetPsk(name);
  if (hasKeys) await parts.hostSecrets.forget(name);
  parts.gpgKeys.forget(name);
  parts.log.info(`${name}: removed`);
}
