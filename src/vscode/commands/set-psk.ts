import { l10n } from 'vscode';
import { parseSecretKey } from '../../spa/keys.ts';
import { askText } from '../ask/ask.ts';
import { pickHost } from '../ask/pick-host.ts';
import type { Parts } from '../parts.ts';
import { gatedHost, nameFrom } from './named-host.ts';

/** Knockgate: Set Pre-Shared Key… Stores a second secret between this device and the gate of a host. */
export async function setPsk(parts: Parts, argument: unknown): Promise<void> {
  const title = l10n.t('Set Pre-Shared Key');
  const name = nameFrom(argument) ?? (await pickHost(parts, title, 'gates'));
  if (name === undefined) return;
  gatedHost(name, parts.hosts());
  const complaint = l10n.t('Expected 43 letters, digits, - and _.');
  const text = await askText({
    title,
    prompt: l10n.t('The content of the file that "psk_file" names on the gate'),
    password: true,
    validateInput: (typed) => (parseSecretKey(typed.trim()) === undefined ? complaint : undefined),
  });
  const psk = text === undefined ? undefined : parseSecretKey(text.trim());
  if (psk === undefined) return;
  await parts.keyring.setPsk(name, psk);
  parts.log.info(`${name}: has a pre-shared key`);
}
