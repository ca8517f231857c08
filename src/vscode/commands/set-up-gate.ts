import { l10n } from 'vscode';
import { approve } from '../ask.ts';
import { type Ask, withGateSession } from '../gate-session.ts';
import type { Parts } from '../parts.ts';
import { pickHost } from '../pick-host.ts';
import { SecondWayQuestions } from '../second-way.ts';
import { deployDryRun } from '../settings.ts';
import { nameFrom } from './named-host.ts';

/** Knockgate: Set Up Gate on Host… Shows the plan, sets up the gate on trial, proves it from outside, and keeps it. */
export async function setUpGate(parts: Parts, argument: unknown): Promise<void> {
  const name = nameFrom(argument) ?? (await pickHost(parts, l10n.t('Set Up Gate on Host'), 'all'));
  if (name === undefined) return;
  const questions = (ask: Ask) => {
    const way = new SecondWayQuestions(parts.crypto, parts.keyName, ask);
    return {
      approve: async (document: string) => {
        const show = () => parts.diagnoses.show(l10n.t('Plan for {0}', name), document);
        const question = {
          title: l10n.t('Set Up Gate on {0}', name),
          placeHolder: l10n.t('Set up a gate as the plan shows?'),
        };
        const agree = l10n.t('Set Up Gate');
        const answer = await ask(l10n.t('is the plan right?'), (token) =>
          approve(question, agree, l10n.t('Change Nothing'), show, token),
        );
        return answer === true;
      },
      chooseSecondWay: () => way.choose(),
      secureSecondWay: () => way.secure(),
    };
  };
  const title = l10n.t('Knockgate: {0}', l10n.t('setting up a gate on {0}', name));
  const { report } = await withGateSession(parts, name, title, questions, (session, deployment) =>
    deployment.deploy({ ...session, wishes: {}, secondWay: undefined, dryRun: deployDryRun() }),
  );
  parts.refreshHosts();
  await parts.diagnoses.show(l10n.t('Gate on {0}', name), report);
}
