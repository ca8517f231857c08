import { l10n } from 'vscode';
import { confirm } from '../ask/ask.ts';
import { USUAL_IDENTITY } from '../keys/keyring.ts';
import { hostsOf, pickIdentity } from '../keys/pick-identity.ts';
import type { Parts } from '../parts.ts';

/** Knockgate: Forget Key… Asks first, since it cannot be undone. */
export async function forgetKey(parts: Parts, argument: unknown): Promise<void> {
  const { keyring, log } = parts;
  const identity = await pickIdentity(parts, l10n.t('Forget Key'), argument);
  if (identity === undefined) return;
  const forget = l10n.t('Forget the Key');
  const detail = l10n.t(
    'Every gate that this device is enrolled on stays closed for it until a new key is enrolled there. It cannot be undone.',
  );
  const hosts = hostsOf(identity, parts).join(', ');
  const question =
    identity === USUAL_IDENTITY
      ? l10n.t('Forget the client key of this device?')
      : l10n.t('Forget the key of {0}? Hosts that use it: {1}', identity, hosts === '' ? '-' : hosts);
  if (!(await confirm(question, forget, detail))) return;
  await keyring.forget(identity);
  log.info(`identity ${identity}: the key was forgotten`);
}
