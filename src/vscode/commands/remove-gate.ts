import { l10n } from 'vscode';
import { approve, confirm } from '../ask/ask.ts';
import { pickHost } from '../ask/pick-host.ts';
import { writeHost } from '../hosts/write-hosts.ts';
import type { Parts } from '../parts.ts';
import { type Ask, withGateSession } from '../set-up/gate-session.ts';
import { deployDryRun } from '../settings.ts';
import { nameFrom } from './named-host.ts';

/** Knockgate: Remove Gate from Host… Removes everything that setting up has made on the server, and offers to forget the host. */
export async function removeGate(parts: Parts, argument: unknown): Promise<void> {
  const name = nameFrom(argument) ?? (await pickHost(parts, l10n.t('Remove Gate from Host'), 'gates'));
  if (name === undefined) return;
  const title = l10n.t('Knockgate: {0}', l10n.t('removing the gate from {0}', name));
  const dryRun = deployDryRun();
  const { report } = await withGateSession(parts, name, title, ({ ui, ask, ...session }, deployment) => {
    const approvePlan = (document: string) => askAboutPlan(document, name, ask, parts);
    return deployment.removeGate({ ...session, ui: { ...ui, approve: approvePlan }, dryRun });
  });
  parts.refreshHosts();
  await parts.diagnoses.show(l10n.t('Gate on {0}', name), report);
  if (!dryRun) await offerToForget(parts, name);
}

async function askAboutPlan(document: string, name: string, ask: Ask, { diagnoses }: Parts): Promise<boolean> {
  const show = () => diagnoses.show(l10n.t('Plan for {0}', name), document);
  const question = {
    title: l10n.t('Remove Gate from {0}', name),
    placeHolder: l10n.t('Remove it as the plan shows? Its ports are then open to everybody.'),
  };
  const answer = await ask(l10n.t('is the plan right?'), (token) =>
    approve(question, l10n.t('Remove Gate'), l10n.t('Change Nothing'), show, token),
  );
  return answer === true;
}

/** Offers to remove the host: without a gate, knocking is useless. */
async function offerToForget(parts: Parts, name: string): Promise<void> {
  const text = l10n.t('The gate on {0} is removed. Remove {0} from the settings, too?', name);
  if (!(await confirm(text, l10n.t('Remove from Settings')))) return;
  await writeHost(name, undefined);
  if (parts.keyring.hasPsk(name)) await parts.keyring.forgetPsk(name);
  parts.log.info(`${name}: removed`);
}
