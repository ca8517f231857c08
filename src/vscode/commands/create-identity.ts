import { commands, env, l10n } from 'vscode';
import { tell } from '../ask/tell.ts';
import { askIdentityName } from '../keys/ask-identity-name.ts';
import { clientLine } from '../keys/pick-identity.ts';
import type { Parts } from '../parts.ts';

/** Knockgate: Create Identity… Makes another client key, for hosts that must not recognize each other's client by it. */
export async function createIdentity(parts: Parts): Promise<void> {
  const { keyring, log } = parts;
  const identity = await askIdentityName(l10n.t('Create Identity'), '', keyring.identities);
  if (identity === undefined) return;
  await keyring.add(identity);
  await env.clipboard.writeText(clientLine(identity, await keyring.publicKey(identity), parts));
  log.info(`identity ${identity}: created`);
  tell(
    l10n.t(
      'The line that enrols identity "{0}" is in the clipboard. A host uses the identity once you choose it for that host.',
      identity,
    ),
    {
      title: l10n.t('Choose Identity for Host'),
      run: () => commands.executeCommand('knockgate.chooseIdentity'),
    },
  );
}
