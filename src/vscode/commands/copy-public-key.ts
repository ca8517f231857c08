import { env, l10n } from 'vscode';
import { clientLine, pickIdentity } from '../keys/pick-identity.ts';
import type { Parts } from '../parts.ts';
import { offerAfterCopying } from '../set-up/next-step.ts';

/** Knockgate: Copy Public Key. Makes the client key when there is none yet. */
export async function copyPublicKey(parts: Parts, argument: unknown): Promise<void> {
  const identity = await pickIdentity(parts, l10n.t('Copy Public Key'), argument);
  if (identity === undefined) return;
  const line = clientLine(identity, await parts.keyring.publicKey(identity), parts);
  await env.clipboard.writeText(line);
  const command = `sudo knockgated client add '${line}'`;
  offerAfterCopying(parts.hosts().hosts.size > 0, {
    title: l10n.t('Copy the Command'),
    run: () => env.clipboard.writeText(command),
  });
}
