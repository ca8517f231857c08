import { l10n } from 'vscode';
import { pickHost } from '../ask/pick-host.ts';
import { writeHost } from '../hosts/write-hosts.ts';
import { USUAL_IDENTITY } from '../keys/keyring.ts';
import { pickIdentity } from '../keys/pick-identity.ts';
import type { Parts } from '../parts.ts';
import { hostsSetting } from '../settings.ts';
import { gatedHost, nameFrom } from './named-host.ts';

/** Knockgate: Choose Identity for Host… */
export async function chooseIdentity(parts: Parts, argument: unknown): Promise<void> {
  const title = l10n.t('Choose Identity for Host');
  const name = nameFrom(argument) ?? (await pickHost(parts, title, 'gates'));
  if (name === undefined) return;
  gatedHost(name, parts.hosts());
  const identity = await pickIdentity(parts, title, undefined);
  if (identity === undefined) return;
  const { identity: _, ...fields } = writtenFields(name);
  await writeHost(name, identity === USUAL_IDENTITY ? fields : { ...fields, identity });
  parts.log.info(`${name}: knocks as ${identity}`);
}

function writtenFields(name: string): Record<string, unknown> {
  const record: Record<string, unknown> = { ...Object(hostsSetting()) };
  return { ...Object(record[name]) };
}
