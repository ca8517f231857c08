import { fieldsOf, parseJson } from '../base/loose-json.ts';
import { inWords, joined, phrase } from '../base/phrase.ts';
import { Problem } from '../base/problem.ts';
import { plainName } from '../client/hosts/host-name.ts';
import type { Clock } from '../os/clock.ts';
import { formatGateLine, type GateEnrolment, isName } from '../spa/enrolment.ts';
import { formatKey } from '../spa/keys.ts';
import type { Remote } from './connection/remote.ts';
import type { DeployUi } from './deploy-ui.ts';
import { takeLock } from './host-lock.ts';
import { type LoginInput, logIn } from './log-in.ts';
import { readPrintedLine } from './printed-line.ts';
import { readPrintedList } from './printed-list.ts';
import { answerNotUnderstood, notAClient, rotationUndone, stepFailed } from './problems.ts';
import { runKnockgated } from './run-knockgated.ts';

export interface RotateInput extends LoginInput {
  /** Options of `knockgated rotate`: `--days 30`, `--back`, `--finish`. */
  readonly options: readonly string[];
  readonly ui: Pick<DeployUi, 'step'>;
  readonly clock: Clock;
}

/** The result of a rotation. */
export interface RotatedGate {
  /** In Markdown. */
  readonly report: string;
  /** Present line of the gate. */
  readonly line: string;
  /** When the other key ends, such as `2026-01-02T03:04Z`; undefined when only one is valid. */
  readonly until: string | undefined;
}

const KNOCK_MS = 10_000;
/** Looks at the gate's grants. One is enough unless the port was open before: the gate notes a grant before the port opens. */
const LOOKS = 10;
const LOOK_EVERY_MS = 500;

/**
 * Rotates the key of a gate, tells this device the new one, and proves that the gate hears a knock with it. If anything fails, gate
 * and device go back to the previous key.
 * @throws Problem that says with which key the gate is
 */
export async function rotateGateKey(input: RotateInput): Promise<RotatedGate> {
  const { host, ui, options, device } = input;
  ui.step(phrase('Log in to {0}', host));
  const remote = await logIn(input);
  const lock = await takeLock(remote, input);
  try {
    const client = await ownName(remote, input);
    const isBegun = !options.includes('--back') && !options.includes('--finish');
    const before = await keyNow(remote, input);
    let forget: (() => Promise<void>) | undefined;
    try {
      ui.step(isBegun ? phrase('Make a new key for the gate') : phrase('End the rotation'));
      const { gate, until } = await rotate(remote, input, options);
      forget = await device.save(gate);
      ui.step(phrase('Knock with the present line of the gate'));
      await isHeard(remote, client, gate, input);
      const report = reportText(host, client, gate, until);
      return { report, line: formatGateLine(gate), until: until && `${until}Z` };
    } catch (error) {
      if (!isBegun) throw forget === undefined ? error : rotationUndone(host, error, undefined);
      // This also holds without an answer: a gate may have a new key that nobody knows.
      const back = await goBack(remote, before, error, input);
      await forget?.();
      throw back === 'unchanged' ? error : rotationUndone(host, error, back);
    }
  } finally {
    await lock.giveBack();
    await remote.close();
  }
}

/**
 * Gives the gate its previous key again, over a new login where the present one is lost.
 * @returns `unchanged` when it has that key anyway: a rotation that somebody else began goes on
 */
async function goBack(
  remote: Remote,
  before: string,
  because: unknown,
  input: RotateInput,
): Promise<'back' | 'unchanged' | Error> {
  const isKnownLost = because instanceof Problem && because.text.code === 'connection-lost';
  // A program whose connection ends may look as if a signal had ended it.
  const isLost = isKnownLost || !(await isAlive(remote));
  try {
    const present = isLost ? await logIn(input) : remote;
    try {
      if ((await keyNow(present, input)) === before) return 'unchanged';
      input.ui.step(phrase('Go back to the previous key'));
      await rotate(present, input, ['--back']);
      // Nobody has the new key. If this fails, the gate forgets it by its date.
      await rotate(present, input, ['--finish']).catch(() => undefined);
      return 'back';
    } finally {
      if (isLost) await present.close();
    }
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function isAlive(remote: Remote): Promise<boolean> {
  return await remote.run(['true']).then(
    ({ code }) => code === 0,
    () => false,
  );
}

/** Reads the public key of the gate, in base64url. */
async function keyNow(remote: Remote, input: RotateInput): Promise<string> {
  const line = await runKnockgated(remote, phrase('Ask for the key of the gate'), ['key', ...naming(input)]);
  return formatKey(readPrintedLine(line, expected(input), input.device).key);
}

const expected = ({ host, login }: RotateInput) => {
  return { host, address: login.settings.hostName, gateName: plainName(host) };
};
const naming = (input: RotateInput) => {
  const { address, gateName } = expected(input);
  return ['--address', address, '--name', gateName];
};

/** Name of this device on the gate. */
async function ownName(remote: Remote, { host, device }: RotateInput): Promise<string> {
  const key = formatKey(device.client.key);
  const title = phrase('Ask who may knock');
  const said = await runKnockgated(remote, title, ['client', 'list', '--json']);
  const own = readPrintedList(said, host, title).find((client) => client.key === key);
  if (own === undefined) throw notAClient(host, device.client.name);
  if (!isName(own.name)) throw answerNotUnderstood(host, title, said);
  return own.name;
}

async function rotate(
  remote: Remote,
  input: RotateInput,
  options: readonly string[],
): Promise<{ gate: GateEnrolment; until: string | undefined }> {
  const argv = ['rotate', '--json', ...naming(input), ...options];
  const title = phrase('Rotate the key of the gate');
  const said = await runKnockgated(remote, title, argv);
  const { line, until } = fieldsOf(parseJson(said));
  if (typeof line !== 'string') throw answerNotUnderstood(input.host, title, said);
  const gate = readPrintedLine(line, expected(input), input.device, title);
  return { gate, until: typeof until === 'string' ? readDate(until) : undefined };
}

/** Reads a time such as `2026-01-02T03:04`: minutes are enough, and no other word of the gate gets into the report. */
function readDate(text: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.exec(text)?.[0] ?? '?';
}

/** Asks the gate whom it let in: a port may be open for other reasons. */
async function isHeard(remote: Remote, client: string, gate: GateEnrolment, input: RotateInput): Promise<void> {
  const { host, device, login, clock, signal } = input;
  const { hostName: address, port } = login.settings;
  await runKnockgated(remote, phrase('End earlier grants'), ['flush']);
  const { socket } = await device.knock(gate, { host, address, port, seconds: 0, timeoutMs: KNOCK_MS }, signal);
  socket.destroy();
  for (let look = 0; look < LOOKS; look++) {
    const title = phrase('Ask who was let in');
    const grants = readPrintedList(await runKnockgated(remote, title, ['list', '--json']), host, title);
    if (grants.some((grant) => grant.client === client)) return;
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
  throw stepFailed(phrase('Knock with the present line of the gate'), phrase('The gate has let nobody in.'));
}

function reportText(host: string, client: string, gate: GateEnrolment, until: string | undefined): string {
  const overlap =
    until === undefined
      ? phrase('Only this key is valid. The gate ignores devices that have another line.')
      : phrase(
          'Until {0} UTC the gate also hears devices with the previous line. Give them this one by then:',
          until.replace('T', ' '),
        );
  const finish = phrase(
    'Once every device has it, finish the rotation: in the editor with "Knockgate: Rotate Gate’s Key…", on the command line with `knockgate gate {0} -- rotate --finish`. The gate does not say which devices still use the previous line after that.',
    host,
  );
  const paragraphs = [
    phrase('# The key of the gate on {0}', host),
    phrase('This device has the current gate line, and the gate accepted its knock as {0}.', client),
    overlap,
    joined(['```', formatGateLine(gate), '```'], '\n'),
    ...(until === undefined ? [] : [finish]),
    '',
  ];
  return inWords(joined(paragraphs, '\n\n'));
}
