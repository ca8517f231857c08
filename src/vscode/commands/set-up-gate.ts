import { l10n, window } from 'vscode';
import { withGateSession } from '../gate-session.ts';
import type { Parts } from '../parts.ts';
import { pickHost } from '../pick-host.ts';
import { SecondWayQuestions } from '../second-way.ts';
import { deployDryRun } from '../settings.ts';
import { nameFrom } from './named-host.ts';

/** Knockgate: Set Up Gate on Host… Shows the plan, sets up the gate on trial, proves it from outside, and keeps it. */
export async function setUpGate(parts: Parts, argument: unknown): Promise<void> {
  const name = nameFrom(argument) ?? (await pickHost(parts, l10n.t('Set Up Gate on Host'), 'all'));
  if (name === undefined) return;
  const way = new SecondWayQuestions(parts.crypto, parts.keyName);
  const questions = {
    approve: async (document: string) => {
      await parts.diagnoses.show(l10n.t('Plan for {0}', name), document);
      const go = l10n.t('Set Up Gate');
      return (await window.showInformationMessage(l10n.t('Set up a gate on {0} as shown?', name), go)) === go;
    },
    chooseSecondWay: () => way.choose(),
    secureSecondWay: () => way.secure(),
  };
  const title = l10n.t('Knockgate: {0}', l10n.t('setting up a gate on {0}', name));
  const { report } = await withGateSession(parts, name, title, questions, (session, deployment) =>
    deployment.deploy({ ...session, wishes: {}, secondWay: undefined, dryRun: deployDryRun() }),
  );
  parts.refreshHosts();
  await parts.diagnoses.show(l10n.t('Gate on {0}', name), report);
}
