import { inWords, joined, phrase } from '../base/phrase.ts';
import { plainName } from '../client/hosts/host-name.ts';
import type { GateEnrolment } from '../spa/enrolment.ts';
import { formatKey } from '../spa/keys.ts';
import { interruptible } from './connection/interruptible.ts';
import type { Login } from './connection/login.ts';
import type { Remote } from './connection/remote.ts';
import type { DeployInput } from './deploy-input.ts';
import type { DeployOptions } from './deploy-options.ts';
import type { Device } from './device.ts';
import { takeLock } from './host-lock.ts';
import { type Inspection, inspect } from './inspect.ts';
import { logIn } from './log-in.ts';
import { planSummary, planText } from './plan/document.ts';
import { makePlan, type Plan } from './plan/plan.ts';
import { listenersOn } from './preflight/facts.ts';
import type { Finding } from './preflight/finding.ts';
import { judge } from './preflight/findings.ts';
import {
  noGateThere,
  notApproved,
  preflightStopped,
  secondWayIsThisDevice,
  secondWayMissing,
  secondWayNotKept,
} from './problems.ts';
import { reportSummary, reportText } from './report.ts';
import type { SecondWay } from './second-way/second-way.ts';
import { setUpOnTrial } from './set-up-on-trial.ts';

export interface Deployed {
  /** Report in Markdown: what was done, or, in a dry run, what would be. */
  readonly report: string;
  /** The same in short. */
  readonly summary: string;
  /** The line of the gate; undefined after a dry run. */
  readonly gate: GateEnrolment | undefined;
}

/** First knock port: most networks let UDP to the port of HTTPS out. */
const FIRST_KNOCK_PORT = 443;
/**
 * Range for the second knock port, which is drawn: Linux gives these ports to no connection of its own. A port that all gates had
 * in common would tell a scanner what it has found: a silent UDP port beside ports that answer as closed.
 */
const DRAWN = { least: 10_000, count: 22_768 };
/** Ports to draw: some may be in use. */
const DRAWS = 3;
const USUAL_TRIAL_SECONDS = 180;

/**
 * Sets up a gate on a server, or repairs or upgrades the one that is there: looks, plans, asks, secures the second way in; then does
 * it, proves it from outside and confirms it. Nobody is asked anything once the ports are hidden. If something goes wrong before the
 * confirmation, the server is as it was, or shows its ports by itself.
 * @throws Problem that says in which state the server is
 */
export async function deploy(input: DeployInput): Promise<Deployed> {
  const { host, login, ui } = input;
  const startedMs = input.clock.monotonicMs();
  ui.step(phrase('Log in to {0}', host));
  const remote = await logIn(input);
  const lock = input.dryRun ? undefined : await takeLock(remote, input);
  try {
    ui.step(phrase('Look at the host'));
    const asked = input.options.knockPorts ?? drawKnockPorts(input.device);
    const looking = interruptible(remote, host, input.signal);
    const inspection = await inspect(looking, host, input.gateFiles, asked, () => input.clock.wallMs());
    if (input.onlyUpgrade && inspection.facts.inForce === undefined) throw noGateThere(host);
    const options = completed(input.options, asked, inspection, login);
    const findings = judge(inspection.facts, inspection.clock, login.settings, options, input.gateFiles.version);
    if (!input.dryRun) assertPossible(host, findings);
    const { plan, document, summary, secondWay } = await agreeOnPlan({ inspection, options, findings }, remote, input);
    if (input.dryRun || secondWay === undefined) return { report: document, summary, gate: undefined };
    await askAboutFindings(findings, input);
    await secure(secondWay, input);
    await lock?.keep(options.trialSeconds);
    const { gate, passed } = await setUpOnTrial({ plan, inspection, options, secondWay }, remote, input);
    const seconds = (input.clock.monotonicMs() - startedMs) / 1000;
    const reported = { host, plan, passed, secondWay, options, gate, seconds, findings };
    return { report: reportText(reported), summary: reportSummary(reported), gate };
  } finally {
    await lock?.giveBack();
    await remote.close();
  }
}

function assertPossible(host: string, findings: readonly Finding[]): void {
  const stops = findings.filter(({ verdict }) => verdict === 'stop');
  const reasons = stops.map(({ what, so }) => (so === undefined ? what : joined([what, so], '. ')));
  if (reasons.length > 0) throw preflightStopped(host, reasons);
}

/** Findings and wishes for one deployment. */
interface Situation {
  readonly inspection: Inspection;
  readonly options: DeployOptions;
  readonly findings: readonly Finding[];
}

/** Shows plans until one is approved; the first alone in a dry run. */
async function agreeOnPlan(
  { inspection, options, findings }: Situation,
  remote: Remote,
  input: DeployInput,
): Promise<{ plan: Plan; document: string; summary: string; secondWay: SecondWay | undefined }> {
  const { host, login, device, ui, dryRun, gateFiles } = input;
  // An existing key is always used: this device knocks with it.
  const psk = device.psk ?? (options.withoutPsk ? undefined : device.randomBytes(32));
  const given = givenWay(inspection, options, input);
  let secondWay = given ?? (dryRun ? undefined : await ui.chooseSecondWay());
  for (;;) {
    if (secondWay === undefined && !dryRun) throw secondWayMissing(host);
    if (secondWay && 'client' in secondWay && formatKey(secondWay.client.key) === formatKey(device.client.key))
      throw secondWayIsThisDevice(host);
    const plan = makePlan({
      facts: inspection.facts,
      options,
      secondWay: secondWay ?? { kind: 'declined' },
      gateFiles,
      client: device.client,
      psk,
      address: login.settings.hostName,
      gateName: plainName(host),
    });
    const who = `${login.settings.user}@${host}`;
    const { carrier } = remote;
    const { systemBecause } = login;
    const context = { host, who, carrier, systemBecause, findings, options, secondWay };
    const [document, summary] = [planText(plan, context), planSummary(plan, context)];
    if (dryRun) return { plan, document, summary, secondWay };
    const approval = await ui.approve(document, given === undefined, summary);
    if (approval === 'yes') return { plan, document, summary, secondWay };
    if (approval === 'no') throw notApproved(host);
    secondWay = await ui.chooseSecondWay();
  }
}

/** Second way in that nobody has to choose any more. Declining does not remove one that the gate already has. */
function givenWay(
  inspection: Inspection,
  options: DeployOptions,
  { secondWay, device }: DeployInput,
): SecondWay | undefined {
  const named = secondWay?.kind === 'declined' ? undefined : secondWay;
  return named ?? presentWay(inspection, device, options) ?? secondWay;
}

async function askAboutFindings(findings: readonly Finding[], { host, ui }: DeployInput): Promise<void> {
  for (const { id, verdict, what, so } of findings) {
    if (verdict !== 'ask') continue;
    const detail = so === undefined ? what : joined([what, so], '. ');
    if (!(await ui.goOn(id, inWords(phrase('Go on all the same?')), inWords(detail)))) throw notApproved(host);
  }
}

async function secure(secondWay: SecondWay, { host, ui }: DeployInput): Promise<void> {
  if (secondWay.kind !== 'recovery-key') return;
  ui.step(phrase('Keep the recovery key'));
  if (!(await secondWay.keeper.secure())) throw secondWayNotKept(host);
}

/** Draws knock ports: the usual first one, and candidates for the second. */
function drawKnockPorts({ randomBytes }: Device): number[] {
  const drawn = Array.from({ length: DRAWS }, () => {
    const bytes = randomBytes(4);
    return DRAWN.least + (new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) % DRAWN.count);
  });
  return [FIRST_KNOCK_PORT, ...new Set(drawn)];
}

/**
 * Fills in options that nobody gave.
 * @param asked the knock ports that were looked at
 */
function completed(
  options: Partial<DeployOptions>,
  asked: readonly number[],
  { facts }: Inspection,
  { settings }: Login,
): DeployOptions {
  const [first = FIRST_KNOCK_PORT, ...drawn] = asked;
  const isFree = (port: number) => (listenersOn(facts, [port]) ?? []).length === 0;
  const free = [...[first].filter(isFree), ...drawn.filter(isFree).slice(0, 1)];
  const ports = new Set(
    [...facts.sshPorts, facts.sshConnection?.serverPort ?? settings.port].map((port) => `tcp/${port}`),
  );
  return {
    // An existing configuration stays as it is.
    ports: facts.inForce?.ports ?? options.ports ?? [...ports],
    knockPorts: facts.inForce?.knockPorts ?? options.knockPorts ?? (free.length > 0 ? free : asked.slice(0, 2)),
    trusted: options.trusted ?? [],
    trialSeconds: options.trialSeconds ?? USUAL_TRIAL_SECONDS,
    withoutService: options.withoutService ?? false,
    withoutPsk: options.withoutPsk ?? false,
  };
}

/** Second way in that exists already: a gate that knows another client has one. */
function presentWay({ facts }: Inspection, { client }: Device, { trusted }: DeployOptions): SecondWay | undefined {
  if (trusted.length > 0) return { kind: 'trusted-network' };
  const others = [...facts.clients.values()].filter((key) => key !== formatKey(client.key));
  return others.length > 0 ? { kind: 'present' } : undefined;
}
