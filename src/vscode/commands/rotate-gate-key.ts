import { l10n, type QuickPickItem } from 'vscode';
import { choose } from '../ask/ask.ts';
import { pickHost } from '../ask/pick-host.ts';
import type { Parts } from '../parts.ts';
import { withGateSession } from '../set-up/gate-session.ts';
import { nameFrom } from './named-host.ts';

/** Choices for the key of a gate. */
interface Action extends QuickPickItem {
  /** Words after `knockgated rotate`. */
  readonly options: readonly string[];
}

/** Knockgate: Rotate Gate's Key… Gives the gate a new key, and keeps it only if the gate has heard a knock with it. */
export async function rotateGateKey(parts: Parts, argument: unknown): Promise<void> {
  const title = l10n.t('Rotate Gate’s Key');
  const name = nameFrom(argument) ?? (await pickHost(parts, title, 'gates'));
  if (name === undefined) return;
  const actions: Action[] = [
    {
      label: l10n.t('Make a New Key'),
      detail: l10n.t('This device learns it at once; the previous line stays good for two weeks.'),
      options: [],
    },
    {
      label: l10n.t('Finish the Rotation'),
      detail: l10n.t('From now on the gate opens only to devices that have the new line.'),
      options: ['--finish'],
    },
    {
      label: l10n.t('Go Back to the Previous Key'),
      detail: l10n.t('Devices with the new line may use it until the two weeks are over.'),
      options: ['--back'],
    },
  ];
  const placeHolder = l10n.t('What to do with the key of the gate on {0}', name);
  const action = await choose(actions, { title, placeHolder });
  if (action === undefined) return;
  const progress = l10n.t('Knockgate: {0}', l10n.t('rotating the key of the gate on {0}', name));
  const { report } = await withGateSession(parts, name, progress, (session, deployment) =>
    deployment.rotateGateKey({ ...session, options: action.options }),
  );
  parts.refreshHosts();
  await parts.diagnoses.show(l10n.t('Gate on {0}', name), report);
}
