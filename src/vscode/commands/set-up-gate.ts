import { commands, l10n } from 'vscode';
import type { Approval, DeployUi, Progress } from '../../deploy/deploy-ui.ts';
import type { SecondWay } from '../../deploy/second-way/second-way.ts';
import { choose } from '../ask/ask.ts';
import { pickDestination } from '../ask/pick-host.ts';
import { helpWith } from '../ask/problem-help.ts';
import { showProblem } from '../ask/show-problem.ts';
import { destinationOf, hostNameFor, noteDestination } from '../knock/destinations.ts';
import type { Parts } from '../parts.ts';
import { SecondWayQuestions } from '../set-up/backup-access.ts';
import { type Ask, withGateSession } from '../set-up/gate-session.ts';
import { offerAfterSetUp } from '../set-up/next-step.ts';
import { noteSetUp } from '../set-up/set-up-note.ts';
import { deployDryRun } from '../settings.ts';
import { nameFrom } from './named-host.ts';

/** Knockgate: Set Up Gate on Host… Shows the plan, sets up the gate on trial, proves it from outside, and keeps it. */
export async function setUpGate(parts: Parts, argument: unknown): Promise<void> {
  const host = await setUpGateOn(parts, argument);
  if (host !== undefined) offerAfterSetUp(host);
}

/**
 * Sets up a gate without offering the next step: for a command that goes on with the host.
 * @param argument destination as ssh takes it, if it is known already: an alias, an address, `user@host`
 * @returns name of the host; undefined when there is no gate on it
 */
export async function setUpGateOn(parts: Parts, argument: unknown): Promise<string | undefined> {
  const destination = nameFrom(argument) ?? (await pickDestination(parts, l10n.t('Set Up Gate on Host'), true));
  if (destination === undefined) return undefined;
  const name = hostNameFor(destination, parts.hosts());
  const title = l10n.t('Knockgate: {0}', l10n.t('setting up a gate on {0}', name));
  let progress: Progress = 'untouched';
  const note = () => noteSetUp(parts.globalState, { destination, name, progress, pid: process.pid });
  await note();
  try {
    const { report, gate } = await withGateSession(parts, destination, title, ({ ui, ask, ...session }, deployment) => {
      const ways = new SecondWayQuestions(parts, name, ask, deployment.RecoveryFile);
      const questions: DeployUi = {
        ...ui,
        reached: async (reached) => {
          progress = reached;
          await note();
        },
        approve: (document, isWayOpen) => approvePlan(document, isWayOpen ? ways.chosen : undefined, name, ask, parts),
        chooseSecondWay: () => ways.choose(),
        goOn: (_, question, detail) => ui.confirm(question, detail),
      };
      return deployment.deploy({
        ...session,
        ui: questions,
        options: {},
        secondWay: undefined,
        dryRun: deployDryRun(),
      });
    });
    if (gate !== undefined) await noteDestination(parts, name, destinationOf(destination, parts));
    parts.refreshHosts();
    await parts.diagnoses.show(l10n.t('Gate on {0}', name), report);
    return gate && name;
  } catch (error) {
    const again = {
      title: l10n.t('Set Up Again'),
      run: () => commands.executeCommand('knockgate.setUpGate', destination),
    };
    // If nothing was changed, the fault has to be corrected first.
    const offers = progress === 'untouched' ? helpWith(error, undefined, parts).offers : [again];
    showProblem(error, parts.log, parts.showLog, { offers });
    return undefined;
  } finally {
    await noteSetUp(parts.globalState, undefined);
  }
}

/** @param chosen the kind of the second way in, when another one may still be chosen */
async function approvePlan(
  document: string,
  chosen: SecondWay['kind'] | undefined,
  name: string,
  ask: Ask,
  { diagnoses }: Parts,
): Promise<Approval> {
  const then = chosen === 'recovery-key' ? { detail: l10n.t('Then choose where to keep the recovery key') } : {};
  const items: { label: string; detail?: string; approval: Approval }[] = [
    { label: l10n.t('Set Up Gate'), ...then, approval: 'yes' },
    ...(chosen ? [{ label: l10n.t('Choose Another Second Way In…'), approval: 'another-way' as const }] : []),
    { label: l10n.t('Change Nothing'), approval: 'no' },
  ];
  const question = {
    title: l10n.t('Set Up Gate on {0}', name),
    placeHolder: l10n.t('Set up a gate as the plan shows?'),
  };
  const picked = await ask(l10n.t('is the plan right?'), async (token) => {
    await diagnoses.show(l10n.t('Plan for {0}', name), document);
    return choose(items, question, token);
  });
  return picked?.approval ?? 'no';
}
