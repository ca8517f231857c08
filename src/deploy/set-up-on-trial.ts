import { contains, parseAddress } from '../base/addresses.ts';
import { fieldsOf, parseJson } from '../base/loose-json.ts';
import { type Phrase, phrase } from '../base/phrase.ts';
import { plainName } from '../client/hosts/host-name.ts';
import type { GateEnrolment } from '../spa/enrolment.ts';
import { aftermath } from './aftermath.ts';
import { Steps } from './apply/run-steps.ts';
import type { Login } from './connection/login.ts';
import type { Remote } from './connection/remote.ts';
import type { DeployInput } from './deploy-input.ts';
import type { DeployOptions } from './deploy-options.ts';
import type { Progress } from './deploy-ui.ts';
import type { Inspection } from './inspect.ts';
import { KNOCK_MS } from './log-in.ts';
import type { Plan } from './plan/plan.ts';
import { correctionBy } from './preflight/clock.ts';
import { readPrintedLine } from './printed-line.ts';
import { confirmationUnknown, notTakenBack, stepFailed, takenBack, trialOver } from './problems.ts';
import type { SecondWay } from './second-way/second-way.ts';
import { checkFromOutside } from './trial/outside.ts';

/** Agreements before the trial. */
export interface Agreed {
  readonly plan: Plan;
  readonly inspection: Inspection;
  readonly options: DeployOptions;
  readonly secondWay: SecondWay;
}

/** Gate that stays, and the checks that it has passed. */
export interface SetUp {
  readonly gate: GateEnrolment;
  readonly passed: readonly { readonly what: Phrase }[];
}

/**
 * Carries out a plan: changes the server, hides its ports on trial, proves from outside that this device gets in, and confirms.
 * Rolls everything back when something fails.
 * @throws Problem with the present state of the server, which is asked for it
 */
export async function setUpOnTrial(agreed: Agreed, remote: Remote, input: DeployInput): Promise<SetUp> {
  const { plan, options, secondWay } = agreed;
  const { host, device, ui, signal } = input;
  const steps = new Steps(host, remote, ui.step);
  const reached: Progress[] = [];
  const reach = async (progress: Progress) => {
    reached.push(progress);
    await ui.reached(progress);
  };
  let forget = async () => {};
  try {
    await reach('being-changed');
    await steps.run(plan.prepare, signal);
    const gate = await gateLine(plan, remote, input);
    if (secondWay.kind === 'recovery-key') {
      ui.step(phrase('Write the gate’s line into the recovery file'));
      await secondWay.keeper.complete(host, { gate, login: sshUri(input.login) });
    }
    const { clock } = agreed.inspection;
    const { port: sshPort } = input.login.settings;
    forget = await device.save(gate, { clockOffsetMs: clock && correctionBy(clock), psk: plan.psk, sshPort });
    if (plan.arm.length > 0 && !options.withoutService) await reach('on-trial');
    await steps.run(plan.arm, signal);
    const passed = options.withoutService ? [] : await proveFromOutside(agreed, gate, remote, input);
    if (plan.confirm.length > 0 && !options.withoutService) await reach('being-confirmed');
    await steps.run(plan.confirm, signal);
    return { gate, passed };
  } catch (error) {
    const wasHidden = reached.includes('on-trial');
    const isLate = wasHidden && (await isTrialOver(remote));
    const cause = isLate ? trialOver(host, options.trialSeconds) : error;
    ui.step(phrase('Take everything back'));
    const left = await steps.undo();
    // Whether the server got the confirmation is unknown: everything that a knock needs is kept.
    if (reached.includes('being-confirmed') && left.length > 0) throw confirmationUnknown(host, error);
    if (left.length > 0) throw notTakenBack(host, cause, left, wasHidden ? { ...options, ...plan } : undefined);
    await forget();
    const key = secondWay.kind === 'recovery-key' ? await secondWay.keeper.discard() : undefined;
    throw takenBack(host, cause, [
      await aftermath(remote, agreed.inspection.facts, input),
      ...(key === undefined ? [] : [key]),
    ]);
  }
}

async function gateLine({ keyCommand }: Plan, remote: Remote, input: DeployInput): Promise<GateEnrolment> {
  const { code, stdout, stderr } = await remote.run(keyCommand, { sudo: true });
  if (code !== 0) throw stepFailed(phrase('Make the key of the gate'), stderr.trim());
  const { host, login, device } = input;
  return readPrintedLine(stdout, { host, address: login.settings.hostName, gateName: plainName(host) }, device);
}

/** Address as ssh takes it, from any computer. */
function sshUri({ settings: { user, hostName, port } }: Login): string {
  return `ssh://${user}@${hostName.includes(':') ? `[${hostName}]` : hostName}:${port}`;
}

async function proveFromOutside(
  { inspection, options }: Agreed,
  gate: GateEnrolment,
  remote: Remote,
  input: DeployInput,
): Promise<SetUp['passed']> {
  const { host, device, login, ui, signal } = input;
  // A grant of an earlier knock would hide whether the port is closed.
  await remote.run(['knockgated', 'flush'], { sudo: true });
  const asking = { host, address: login.settings.hostName, port: login.settings.port, timeoutMs: KNOCK_MS };
  const client =
    inspection.facts.sshConnection === undefined
      ? undefined
      : parseAddress(inspection.facts.sshConnection.clientAddress);
  return checkFromOutside(
    {
      host,
      port: login.settings.port,
      bootId: inspection.facts.bootId,
      held: remote,
      neverShutOut: client !== undefined && options.trusted.some((network) => contains(network, client)),
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
}

/** Whether the ports are shown again because nobody confirmed in time. False when the gate does not answer. */
async function isTrialOver(remote: Remote): Promise<boolean> {
  try {
    const { stdout } = await remote.run(['knockgated', 'status', '--json'], { sudo: true });
    const { armed, trial } = fieldsOf(parseJson(stdout));
    return armed === null && fieldsOf(trial).seconds_left === 0;
  } catch {
    // The connection is lost: the first error reports that.
    return false;
  }
}
