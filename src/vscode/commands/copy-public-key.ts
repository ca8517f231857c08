import { env, l10n, window } from 'vscode';
import { formatClientLine } from '../../spa/enrolment.ts';
import type { Parts } from '../parts.ts';

/** Knock: Copy Public Key. Makes the client key when there is none yet. */
export async function copyPublicKey({ keyring, keyName }: Parts): Promise<void> {
  const line = formatClientLine({ key: await keyring.publicKey(), name: keyName });
  await env.clipboard.writeText(line);
  const command = `sudo knockgated client add '${line}'`;
  const copyCommand = l10n.t('Copy the Command');
  // Not waited for: the command is done.
  window
    .showInformationMessage(
      l10n.t(
        'The line that enrols this device is in the clipboard. It holds no secret. On the server: knockgated client add.',
      ),
      copyCommand,
    )
    .then((choice) => (choice === copyCommand ? env.clipboard.writeText(command) : undefined));
}
