import { l10n } from 'vscode';
import { askInSteps, type ChoiceStep } from '../ask-in-steps.ts';
import { HOST_KINDS, kindOf } from '../host-kinds/kinds.ts';
import type { Parts } from '../parts.ts';
import { unlockKeys } from '../unlock-keys.ts';
import { writeHost } from '../write-hosts.ts';
import { nameFrom } from './named-host.ts';

/**
 * Knockgate: Add Host… Asks for its kind, then for what a host of that kind is made of.
 * @param argument the name, when it is known already
 * @returns the name it was given; undefined when the person thought better of it
 */
export async function addHost(parts: Parts, argument: unknown): Promise<string | undefined> {
  const known = nameFrom(argument);
  const title = known === undefined ? l10n.t('Add Host') : l10n.t('Add {0}', known);
  const adding = { known, taken: new Set(parts.hosts().hosts.keys()) };
  const answers = await askInSteps(title, ([kind, ...rest]) => [
    kindStep(),
    ...kindOf({ kind }).addSteps(adding, rest),
  ]);
  if (answers === undefined) return undefined;
  const [kind, ...rest] = answers;
  const { name, fields, keys } = kindOf({ kind }).added(adding, rest, parts.crypto);
  // Where keys are in a file, these are in there too.
  if (keys !== undefined && !(await unlockKeys(parts))) return undefined;
  // First: a host without its keys would be in the way.
  if (keys !== undefined) await parts.hostSecrets.set(name, keys);
  await writeHost(name, fields);
  parts.log.info(`${name}: added`);
  return name;
}

function kindStep(): ChoiceStep {
  const choices = HOST_KINDS.map(({ kind, label, detail, icon }) => {
    return { value: kind, label: label(), detail: detail(), icon };
  });
  return { prompt: l10n.t('What does the server run?'), choices, value: 'gate' };
}
