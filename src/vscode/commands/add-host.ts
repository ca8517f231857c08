import { l10n } from 'vscode';
import { gateKeyUnusable } from '../../client/problems.ts';
import { parseGateLine } from '../../spa/enrolment.ts';
import { isLowOrder } from '../../spa/keys.ts';
import { askInSteps } from '../ask-in-steps.ts';
import { addedHost, addStep, addSteps } from '../host-form.ts';
import type { Parts } from '../parts.ts';
import { writeHost } from '../write-hosts.ts';
import { nameFrom } from './named-host.ts';

/**
 * Knock: Add Host… by the line that the gate prints.
 * @param argument the name, when it is known already
 * @returns the name it was given; undefined when the person thought better of it
 */
export async function addHost(parts: Parts, argument: unknown): Promise<string | undefined> {
  const known = nameFrom(argument);
  const title = known === undefined ? l10n.t('Add Host') : l10n.t('Add a Gate for {0}', known);
  const taken = new Set(parts.hosts().hosts.keys());
  const answers = await askInSteps(title, addSteps(known), (soFar) => addStep(known, taken, soFar));
  if (answers === undefined) return undefined;
  const { name, fields } = addedHost(known, answers);
  if (isLowOrder(parts.crypto, parseGateLine(String(fields.gate)).key)) throw gateKeyUnusable(name);
  await writeHost(name, fields);
  parts.log.info(`${name}: added`);
  return name;
}
