import { commands, env, l10n } from 'vscode';
import { tell } from '../ask/tell.ts';
import { clientLine, hostsOf, pickIdentity } from '../keys/pick-identity.ts';
import type { Parts } from '../parts.ts';

/** Knockgate: Rotate This Device’s Key… Makes a new key; the old one stays until the gates have opened to the new one. */
export async function rotateKey(parts: Parts, argument: unknown): Promise<void> {
  const { keyring, log } = parts;
  const identity = await pickIdentity(parts, l10n.t('Rotate This Device’s Key'), argument);
  if (identity === undefined) return;
  const isUnderWay = (await keyring.next(identity)) !== undefined;
  if (!isUnderWay) {
    const line = clientLine(identity, await keyring.makeNext(identity), parts);
    await env.clipboard.writeText(line);
    log.info(`identity ${identity}: a new key is made`);
  }
  const hosts = hostsOf(identity, parts);
  const where = hosts.length === 0 ? l10n.t('no host yet') : hosts.join(', ');
  const message = isUnderWay
    ? l10n.t('There is a new key for identity "{0}" already, and not every gate has opened to it.', identity)
    : l10n.t(
        'The line of the new key is in the clipboard. Enrol it beside the old one on the gates of {0}. The old key stays in use until each gate has opened to the new one.',
        where,
      );
  const finish = () => commands.executeCommand('knockgate.finishRotation', identity);
  tell(message, { title: l10n.t('Finish Rotation'), run: finish });
}
