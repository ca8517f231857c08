import { l10n } from 'vscode';
import { kindOf } from '../../client/hosts/kinds.ts';
import { askInSteps } from '../ask/ask-in-steps.ts';
import { pickHost } from '../ask/pick-host.ts';
import { formOf } from '../host-forms/host-forms.ts';
import type { Parts } from '../parts.ts';
import { hostOfGate, hostWithoutKeys } from '../problems.ts';
import { nameFrom } from './named-host.ts';

/** Knockgate: Set Keys of Host… Stores keys that are shared with a server that is not a gate of ours. */
export async function setHostKeys(parts: Parts, argument: unknown): Promise<void> {
  const name = nameFrom(argument) ?? (await pickHost(parts, l10n.t('Set Keys of Host'), 'keyed'));
  if (name === undefined) return;
  const host = parts.hosts().hosts.get(name);
  const { keySteps, keysOf } = formOf({ kind: host?.kind });
  const fields = { ...host };
  if (keySteps === undefined || keysOf === undefined) throw hostOfGate(name);
  if (host !== undefined && !kindOf(host).sharesKeys(host)) throw hostWithoutKeys(name);
  const answers = await askInSteps(l10n.t('Set Keys of {0}', name), (soFar) => keySteps(soFar, fields));
  if (answers === undefined) return;
  await parts.hostSecrets.set(name, keysOf(answers, fields));
  parts.gpgKeys.forget(name);
  parts.log.info(`${name}: has keys`);
}
