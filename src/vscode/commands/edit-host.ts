import { l10n } from 'vscode';
import { askInSteps } from '../ask/ask-in-steps.ts';
import { pickHost } from '../ask/pick-host.ts';
import { formOf } from '../host-forms/host-forms.ts';
import { writeHost } from '../hosts/write-hosts.ts';
import { unlockKeys } from '../keys/unlock-keys.ts';
import type { Parts } from '../parts.ts';
import { hostsSetting } from '../settings.ts';
import { nameFrom } from './named-host.ts';
import { setHostKeys } from './set-host-keys.ts';

/** Knockgate: Edit Host… Asks for every field in turn; Enter keeps it. Then asks for its keys, if they have to change. */
export async function editHost(parts: Parts, argument: unknown): Promise<void> {
  const name = nameFrom(argument) ?? (await pickHost(parts, l10n.t('Edit Host'), 'all'));
  if (name === undefined) return;
  const before = writtenFields(name);
  const kind = formOf(before);
  const steps = kind.editSteps(before);
  const answers = await askInSteps(l10n.t('Edit {0}', name), () => steps);
  if (answers === undefined) return;
  const after = kind.edited(name, before, answers, parts.crypto);
  await writeHost(name, after);
  parts.log.info(`${name}: edited`);
  // If keys are in a file, these are there too.
  if (kind.takesOtherKeys?.(before, after) && (await unlockKeys(parts))) await setHostKeys(parts, name);
}

/** Fields of a host as they are written, valid or not. */
function writtenFields(name: string): Record<string, unknown> {
  const record = hostsSetting();
  const hosts = new Map<string, unknown>(typeof record === 'object' && record !== null ? Object.entries(record) : []);
  const fields = hosts.get(name);
  return typeof fields === 'object' && fields !== null ? { ...fields } : {};
}
