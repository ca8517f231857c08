import type { Clock } from '../client/clock.ts';
import type { Probe } from '../client/wait.ts';
import { contains, parseAddress } from '../spa/addresses.ts';
import type { GateEnrolment } from '../spa/enrolment.ts';
import { formatKey } from '../spa/keys.ts';
import { inWords, joined, type Phrase, phrase } from '../spa/phrase.ts';
import { Steps } from './apply/run-steps.ts';
import type { Login } from './connection/open.ts';
import type { Prompts, Remote } from './connection/remote.ts';
import type { Device } from './device.ts';
import type { GateFiles } from './installed-files.ts';
import { type Look, lookAt } from './look.ts';
import { planText } from './plan/document.ts';
import { makePlan, type Plan } from './plan/plan.ts';
import { listenersOn } from './preflight/facts.ts';
import { type Finding, judge } from './preflight/findings.ts';
import { readPrintedLine } from './printed-line.ts';
import {
  confirmationUnknown,
  deploymentUndone,
  notApproved,
  preflightStopped,
  secondWayMissing,
  stepFailed,
} from './problems.ts';
import { reportText } from './report.ts';
import { checkFromOutside } from './trial/outside.ts';
import type { SecondWay, Wishes } from './wishes.ts';

/** How a person takes part in a deployment. */
export interface DeployUi extends Prompts {
  /** What is being done now. */
  readonly step: (title: Phrase) => void;
  /** Shows the plan, and asks. */
  readonly approve: (document: string) => Promise<boolean>;
  /** Asks for a second way in; undefined when the person thought better of it. */
  readonly chooseSecondWay: () => Promise<SecondWay | undefined>;
  /** Makes sure, before it counts, that what the person was given is kept: the recovery key. */
  readonly secureSecondWay: (way: SecondWay) => Promise<boolean>;
}

/** Everything that a deployment needs. */
export interface DeployInput {
  readonly host: string;
  readonly login: Login;
  readonly device: Device;
  readonly gateFiles: GateFiles;
  /** Undefined where the usual is wanted: whatever sshd listens on, and the usual knock ports that are free. */
  readonly wishes: Partial<Wishes>;
  /** Chosen already, or to be asked for. */
  readonly secondWay: SecondWay | undefined;
  readonly dryRun: boolean;
  readonly ui: DeployUi;
  readonly clock: Clock;
  readonly probe: Probe;
  readonly resolve: (name: string) => Promise<readonly string[]>;
  readonly signal: AbortSignal;
}

export interface Deployed {
  /** In Markdown: what was done, or, in a dry run, what would be. */
  readonly report: string;
  /** The line of the gate; undefined after a dry run. */
  readonly gate: GateEnrolment | undefined;
}

const USUAL_KNOCK_PORTS = [443, 62201];
const USUAL_TRIAL_SECONDS = 180;
const KNOCK_MS = 10_000;

/**
 * Sets up a gate on a host, or repairs or upgrades the one that is there: looks, plans, asks, does, proves from outside,
 * confirms. Whatever goes wrong before the confirmation, the host is as it was, or shows its ports by itself.
 * @throws Problem, that says in which state the host is
 */
export async function deploy(input: DeployInput): Promise<Deployed> {
  const { host, login, device, ui } = input;
  const startedMs = input.clock.monotonicMs();
  ui.step(phrase('Log in to {0}', host));
  const remote = await logIn(input);
  try {
    ui.step(phrase('Look at the host'));
    const asked = input.wishes.knockPorts ?? USUAL_KNOCK_PORTS;
    const look = await lookAt(remote, host, input.gateFiles, asked, () => input.clock.wallMs());
    const wishes = completed(input.wishes, look, login);
    const findings = judge(look.facts, look.clock, login.settings, wishes, input.gateFiles.version);
    const stops = findings.filter(({ verdict }) => verdict === 'stop');
    if (stops.length > 0 && !input.dryRun)
      throw preflightStopped(
        host,
        stops.map(({ what, so }) => (so === undefined ? what : joined([what, so], '. '))),
      );
    // Whoever declines one for a gate that has one still has it.
    const named = input.secondWay?.kind === 'declined' ? undefined : input.secondWay;
    const chosen = named ?? presentWay(look, device, wishes) ?? input.secondWay;
    const secondWay = chosen ?? (input.dryRun ? undefined : await ui.chooseSecondWay());
    if (secondWay === undefined && !input.dryRun) throw secondWayMissing(host);
    if (secondWay && 'client' in secondWay && formatKey(secondWay.client.key) === formatKey(device.client.key))
      throw secondWayMissing(host, true);
    const plan = makePlan({
      facts: look.facts,
      wishes,
      secondWay: secondWay ?? { kind: 'declined' },
      gateFiles: input.gateFiles,
      client: device.client,
      address: login.settings.hostName,
      gateName: nameOf(host),
    });
    const who = `${login.settings.user}@${host}`;
    const document = planText(plan, { host, who, carrier: remote.carrier, findings, wishes, secondWay });
    if (input.dryRun || secondWay === undefined) return { report: document, gate: undefined };
    await approve(document, findings, input);
    const { gate, passed } = await carryOut(plan, remote, look, wishes, secondWay, input);
    const seconds = (input.clock.monotonicMs() - startedMs) / 1000;
    return { report: reportText({ host, plan, passed, secondWay, wishes, gate, seconds, findings }), gate };
  } finally {
    await remote.close();
  }
}

/** Knocks first where this device knows a gate in front of the host. */
export async function logIn({ host, login, device, probe, resolve, signal }: LoginInput): Promise<Remote> {
  const { hostName, port } = login.settings;
  if (device.known === undefined) return login.open();
  const addresses = await resolve(hostName).catch(() => [hostName]);
  const [address = hostName] = addresses;
  const probed = await probe(address, port, 1500, signal);
  if (probed.kind === 'open') {
    probed.socket.destroy();
    return login.open();
  }
  const asking = { host, address: hostName, port, seconds: 0, timeoutMs: KNOCK_MS };
  const { socket } = await device.knock(device.known, asking, signal);
  return login.open(socket);
}

export type LoginInput = Pick<DeployInput, 'host' | 'login' | 'device' | 'probe' | 'resolve' | 'signal'>;

async function approve(document: string, findings: readonly Finding[], { host, ui }: DeployInput): Promise<void> {
  if (!(await ui.approve(document))) throw notApproved(host);
  for (const { verdict, what, so } of findings) {
    if (verdict !== 'ask') continue;
    const detail = so === undefined ? what : joined([what, so], '. ');
    if (!(await ui.confirm(inWords(phrase('Go on all the same?')), inWords(detail)))) throw notApproved(host);
  }
}

async function carryOut(
  plan: Plan,
  remote: Remote,
  look: Look,
  wishes: Wishes,
  secondWay: SecondWay,
  input: DeployInput,
): Promise<{ gate: GateEnrolment; passed: readonly { what: Phrase }[] }> {
  const { host, device, login, ui, signal } = input;
  const steps = new Steps(host, remote, ui.step);
  let armed = false;
  let confirming = false;
  let forget = async () => {};
  try {
    await steps.run(plan.prepare, signal);
    const gate = await gateLine(plan, remote, input);
    await device.learnClock(gate, look.clock?.offsetMs ?? 0);
    forget = await device.save(gate);
    armed = plan.arm.length > 0 && !wishes.withoutService;
    await steps.run(plan.arm, signal);
    if (wishes.withoutService) {
      if (!(await ui.secureSecondWay(secondWay))) throw secondWayMissing(host);
      await steps.run(plan.confirm, signal);
      return { gate, passed: [] };
    }
    // What an earlier knock has opened for us would hide whether the port is shut.
    await remote.run(['knockgated', 'flush'], { sudo: true });
    const asking = { host, address: login.settings.hostName, port: login.settings.port, timeoutMs: KNOCK_MS };
    const client = look.facts.way === undefined ? undefined : parseAddress(look.facts.way.clientAddress);
    const passed = await checkFromOutside(
      {
        host,
        port: login.settings.port,
        bootId: look.facts.bootId,
        held: remote,
        neverShutOut: client !== undefined && wishes.trusted.some((network) => contains(network, client)),
      },
      {
        clock: input.clock,
        probe: input.probe,
        knock: (seconds) => device.knock(gate, { ...asking, seconds }, signal),
        open: (socket) => login.open(socket),
        addresses: () => input.resolve(login.settings.hostName),
      },
      ui.step,
      signal,
    );
    if (!(await ui.secureSecondWay(secondWay))) throw secondWayMissing(host);
    confirming = plan.confirm.length > 0;
    await steps.run(plan.confirm, signal);
    return { gate, passed };
  } catch (error) {
    ui.step(phrase('Take everything back'));
    const left = await steps.undo();
    // Whether the host has heard the confirmation cannot be told: what one needs to knock is kept.
    if (confirming && left.length > 0) throw confirmationUnknown(host, error);
    if (left.length === 0) await forget();
    throw deploymentUndone(host, error, left, armed ? { ...wishes, ...plan } : undefined);
  }
}

async function gateLine({ keyCommand }: Plan, remote: Remote, input: DeployInput): Promise<GateEnrolment> {
  const { code, stdout, stderr } = await remote.run(keyCommand, { sudo: true });
  if (code !== 0) throw stepFailed(phrase('Make the key of the gate'), stderr.trim());
  const { host, login, device } = input;
  return readPrintedLine(stdout, { host, address: login.settings.hostName, gateName: nameOf(host) }, device);
}

/** Fills in what was not asked for. */
function completed(wishes: Partial<Wishes>, { facts }: Look, { settings }: Login): Wishes {
  const free = USUAL_KNOCK_PORTS.filter((port) => (listenersOn(facts, [port]) ?? []).length === 0);
  const ports = new Set([...facts.sshPorts, facts.way?.serverPort ?? settings.port].map((port) => `tcp/${port}`));
  return {
    // A configuration that is there is kept as it is.
    ports: facts.inForce?.ports ?? wishes.ports ?? [...ports],
    knockPorts: facts.inForce?.knockPorts ?? wishes.knockPorts ?? (free.length > 0 ? free : USUAL_KNOCK_PORTS),
    trusted: wishes.trusted ?? [],
    trialSeconds: wishes.trialSeconds ?? USUAL_TRIAL_SECONDS,
    withoutService: wishes.withoutService ?? false,
  };
}

/** A gate that knows somebody else already has a second way in. */
function presentWay({ facts }: Look, { client }: Device, { trusted }: Wishes): SecondWay | undefined {
  if (trusted.length > 0) return { kind: 'trusted-network' };
  const others = [...facts.clients.values()].filter((key) => key !== formatKey(client.key));
  return others.length > 0 ? { kind: 'present' } : undefined;
}

/** A name that a gate's line can hold. */
export function nameOf(host: string): string {
  return (
    host
      .replace(/[^A-Za-z0-9._@-]/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 63) || 'gate'
  );
}
