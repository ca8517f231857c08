import { env, l10n } from 'vscode';
import { inEnglish, inWords } from '../../base/phrase.ts';
import { diagnose } from '../../client/diagnose/diagnose.ts';
import { diagnoseByOpening } from '../../client/diagnose/diagnose-by-opening.ts';
import type { Diagnosis, Step } from '../../client/diagnose/diagnosis.ts';
import { type About, asDocument, asIssueText } from '../../client/diagnose/report.ts';
import type { Host } from '../../client/gate/host.ts';
import { pairsOf } from '../../client/gate/open.ts';
import { type AnyHost, kindOf } from '../../client/hosts/kinds.ts';
import type { PairKeys } from '../../spa/outer.ts';
import { pickDestination } from '../ask/pick-host.ts';
import { tell } from '../ask/tell.ts';
import { withProgress } from '../ask/with-progress.ts';
import { unlockHost } from '../keys/unlock-host.ts';
import { destinationOf } from '../knock/destinations.ts';
import type { HostStates } from '../knock/host-states.ts';
import { openedAtMs } from '../knock/opened-hosts.ts';
import type { Parts } from '../parts.ts';
import { nameFrom } from './named-host.ts';

/** Knockgate: Diagnose Host… Walks through a knock step by step, and shows the results. */
export async function diagnoseHost(parts: Parts, argument: unknown): Promise<void> {
  const name = nameFrom(argument) ?? (await pickDestination(parts, l10n.t('Diagnose Host'), false));
  if (name === undefined) return;
  const log = ({ name: step, result, finding }: Step) =>
    parts.log.info(`${name}: ${step}: ${result}: ${inEnglish(finding)}`);
  const title = l10n.t('diagnosing {0}', name);
  const wanted = destinationOf(name, parts);
  const { host, sshPort } = await withProgress(title, () => parts.doors.find(wanted));
  if (!(await unlockHost(parts, host))) return;
  const diagnosis = await withProgress(title, (signal) => seeThrough(parts, host, sshPort, signal, log));
  showOpened(parts.states, host.name, diagnosis);
  parts.log.info(`${name}: ${diagnosis.verdict.code}`);
  await parts.diagnoses.show(name, asDocument(diagnosis));
  offerCopy(diagnosis, parts.about);
}

function seeThrough(
  parts: Parts,
  host: AnyHost,
  sshPort: number | undefined,
  signal: AbortSignal,
  log: (step: Step) => void,
): Promise<Diagnosis> {
  const words = kindOf(host).diagnosis(host);
  if (words !== undefined) {
    const prepare = () => parts.knocker.prepare(host, signal);
    return diagnoseByOpening({ host, sshPort, words, prepare }, parts.diagnoseIo, signal, log);
  }
  if (host.kind !== 'gate') throw new RangeError(`${host.kind}: a kind without a diagnosis`);
  const subject = {
    host,
    sshPort,
    pair: () => firstPair(parts, host),
    hasPsk: parts.keyring.hasPsk(host.name),
    keyName: parts.keyName,
    openedMs: parts.states.lastAnswer(host.name)?.atMs ?? openedAtMs(parts.globalState, host),
  };
  return diagnose(subject, parts.diagnoseIo, signal, log);
}

/** Shows a port that the diagnosis has opened in the lock, like any other. */
function showOpened(states: HostStates, host: string, { opened, atMs }: Diagnosis): void {
  if (opened === undefined) return;
  const { untilMs, ...answer } = opened;
  states.set(host, { kind: 'open', untilMs, answer: { ...answer, atMs } });
}

async function firstPair({ keys, crypto }: Parts, host: Host): Promise<PairKeys> {
  const [first] = pairsOf(host, await keys.clientKeys(host), crypto);
  if (first === undefined) throw new RangeError('a host without a key to try');
  return first.pair;
}

function offerCopy(diagnosis: Diagnosis, about: About): void {
  const copy = (withNames: boolean) => env.clipboard.writeText(asIssueText(diagnosis, about, withNames));
  tell(
    inWords(diagnosis.verdict.what),
    { title: l10n.t('Copy for an Issue'), run: () => copy(false) },
    { title: l10n.t('Copy with Names'), run: () => copy(true) },
  );
}
