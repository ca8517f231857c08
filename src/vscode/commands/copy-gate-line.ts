import { env, l10n } from 'vscode';
import { formatGateLine } from '../../spa/enrolment.ts';
import { pickHost } from '../ask/pick-host.ts';
import { tell } from '../ask/tell.ts';
import type { Parts } from '../parts.ts';
import { gatedHost, nameFrom } from './named-host.ts';

/** Knockgate: Copy Gate Line… for another device, or another person. */
export async function copyGateLine(parts: Parts, argument: unknown): Promise<void> {
  const name = nameFrom(argument) ?? (await pickHost(parts, l10n.t('Copy Gate Line'), 'gates'));
  if (name === undefined) return;
  await env.clipboard.writeText(formatGateLine(gatedHost(name, parts.hosts()).gate));
  tell(l10n.t('The gate’s line for {0} is in the clipboard. It holds no secret.', name));
}
