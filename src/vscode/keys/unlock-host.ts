import { l10n } from 'vscode';
import { Problem } from '../../base/problem.ts';
import { type FwknopHost, GPG_MODE } from '../../client/fwknop/host.ts';
import type { AnyHost } from '../../client/hosts/kinds.ts';
import { askText } from '../ask/ask.ts';
import type { Parts } from '../parts.ts';

/**
 * Asks for the passphrase of a host's OpenPGP key, if it is not kept and was not entered in this window yet. Only commands call
 * this: an automatic knock must not ask anybody.
 * @returns false when the person cancels
 */
export async function unlockHost(parts: Pick<Parts, 'gpgKeys' | 'log'>, host: AnyHost): Promise<boolean> {
  if (host.kind !== 'fwknop' || host.mode !== GPG_MODE || !(await isLocked(parts, host))) return true;
  const prompt = l10n.t('The passphrase of your OpenPGP key; this window remembers that it is unlocked');
  const title = l10n.t('Unlock the key for {0}', host.name);
  let complaint = '';
  for (;;) {
    const passphrase = await askText({ title, prompt: `${complaint}${prompt}`, password: true });
    if (passphrase === undefined) return false;
    try {
      await parts.gpgKeys.unlock(host, passphrase);
      parts.log.info(`${host.name}: its OpenPGP key is unlocked`);
      return true;
    } catch (error) {
      if (!(error instanceof Problem) || error.text.code !== 'fwknop-gpg-key-unusable') throw error;
      complaint = `${error.text.why ?? error.text.what} `;
    }
  }
}

/** Ignores other faults of the key: the knock reports them. */
async function isLocked({ gpgKeys }: Pick<Parts, 'gpgKeys'>, host: FwknopHost): Promise<boolean> {
  try {
    await gpgKeys.open(host);
    return false;
  } catch (error) {
    return error instanceof Problem && error.text.code === 'host-keys-locked';
  }
}
