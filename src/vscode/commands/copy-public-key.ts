import { env, l10n } from 'vscode';
import type { Parts } from '../parts.ts';
import { clientLine, pickIdentity } from '../pick-identity.ts';
import { tell } from '../tell.ts';

/** Knockgate: Copy Public Key. Makes the client key when there is none yet. */
export async function copyPublicKey(parts: Parts, argument: unknown): Promise<void> {
  const identity = await pickIdentity(parts, l10n.t('Copy Public Key'), argument);
  if (identity === undefined) return;
  const line = clientLine(identity, await parts.keyring.publicKey(identity), parts);
  await env.clipboard.writeText(line);
  const command = `sudo knockgated client add '${line}'`;
  tell(
    l10n.t(
      'The line that enrols this device is in the clipboard. It holds no secret. On the server: knockgated client add.',
    ),
    { title: l10n.t('Copy the Command'), run: () => env.clipboard.writeText(command) },
  );
}
