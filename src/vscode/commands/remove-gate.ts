import { l10n, window } from 'vscode';
import { withGateSession } from '../gate-session.ts';
import type { Parts } from '../parts.ts';
import { pickHost } from '../pick-host.ts';
import { deployDryRun } from '../settings.ts';
import { writeHost } from '../write-hosts.ts';
import { nameFrom } from './named-host.ts';

/** Knockgate: Remove Gate from Host… Everything that setting it up has made on the server, and the host's gate here. */
export async function removeGate(parts: Parts, argument: unknown): Promise<void> {
  const name = nameFrom(argument) ?? (await pickHost(parts, l10n.t('Remove Gate from Host'), 'gates'));
  if (name === undefined) return;
  const questions = {
    approve: async (document: string) => {
      await parts.diagnoses.show(l10n.t('Plan for {0}', name), document);
      const go = l10n.t('Remove Gate');
      const text = l10n.t('Remove the gate from {0}? Its ports are then open to everybody.', name);
      // Beside the plan rather than on top of it.
      return (await window.showWarningMessage(text, go)) === go;
    },
    chooseSecondWay: async () => undefined,
    secureSecondWay: async () => true,
  };
  const title = l10n.t('Knockgate: {0}', l10n.t('removing the gate from {0}', name));
  const dryRun = deployDryRun();
  const report = await withGateSession(parts, name, title, questions, (session, deployment) =>
    deployment.removeGate({ ...session, dryRun }),
  );
  parts.refreshHosts();
  // Not waited for: the command is done.
  if (!dryRun) offerToForget(parts, name);
  await parts.diagnoses.show(l10n.t('Gate on {0}', name), report);
}

/** A host that has no gate any more is knocked at for nothing. */
async function offerToForget(parts: Parts, name: string): Promise<void> {
  const take = l10n.t('Remove from Settings');
  const text = l10n.t('The gate on {0} is removed. Remove {0} from the settings, too?', name);
  if ((await window.showInformationMessage(text, take, l10n.t('Keep'))) !== take) return;
  await writeHost(name, undefined);
  if (parts.keyring.hasPsk(name)) await parts.keyring.forgetPsk(name);
  parts.log.info(`${name}: removed`);
}
