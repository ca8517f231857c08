import { l10n } from 'vscode';
import { gateKeyUnusable } from '../../client/problems.ts';
import { parseGateLine } from '../../spa/enrolment.ts';
import { isLowOrder } from '../../spa/keys.ts';
import { askInSteps } from '../ask-in-steps.ts';
import { EDIT_STEPS, editStep, fieldsOf } from '../host-form.ts';
import type { Parts } from '../parts.ts';
import { pickHost } from '../pick-host.ts';
import { hostsSetting } from '../settings.ts';
import { writeHost } from '../write-hosts.ts';
import { nameFrom } from './named-host.ts';

/** Knock: Edit Host… Every field in turn, as it is now; Enter keeps it. */
export async function editHost(parts: Parts, argument: unknown): Promise<void> {
  const name = nameFrom(argument) ?? (await pickHost(parts, l10n.t('Edit Host'), 'gated'));
  if (name === undefined) return;
  const before = writtenFields(name);
  const answers = await askInSteps(l10n.t('Edit {0}', name), EDIT_STEPS, (soFar) => editStep(before, soFar));
  if (answers === undefined) return;
  const fields = fieldsOf(answers);
  if (isLowOrder(parts.crypto, parseGateLine(String(fields.gate)).key)) throw gateKeyUnusable(name);
  // Which key it uses is chosen elsewhere, and is not lost by editing the rest.
  const { identity } = before;
  await writeHost(name, identity === undefined ? fields : { ...fields, identity });
  parts.log.info(`${name}: edited`);
}

/** The fields of a host as they are written, right or wrong. */
function writtenFields(name: string): Record<string, unknown> {
  const record = hostsSetting();
  const hosts = new Map<string, unknown>(typeof record === 'object' && record !== null ? Object.entries(record) : []);
  const fields = hosts.get(name);
  return typeof fields === 'object' && fields !== null ? { ...fields } : {};
}
