import { inWords, joined, type Phrase, phrase } from '../base/phrase.ts';
import type { Clock } from '../os/clock.ts';
import { Steps } from './apply/run-steps.ts';
import { interruptible } from './connection/interruptible.ts';
import type { Remote } from './connection/remote.ts';
import type { DeployUi } from './deploy-ui.ts';
import { takeLock } from './host-lock.ts';
import { inspect } from './inspect.ts';
import {
  CONFIG_FOLDER,
  type GateFiles,
  LIBRARY_FOLDER,
  ROLLBACK_SCRIPT,
  STATE_FOLDER,
  TRIAL,
  targetFiles,
} from './installed-files.ts';
import { type LoginInput, logIn } from './log-in.ts';
import { commandsText, listText } from './plan/document.ts';
import { UNLINK } from './plan/links.ts';
import { parseManifest } from './plan/manifest.ts';
import { disarm } from './plan/plan.ts';
import { CANCEL_ROLLBACK } from './plan/rollback.ts';
import { type Step, shell } from './plan/step.ts';
import { REMOVE_USER } from './plan/user.ts';
import type { Facts } from './preflight/facts.ts';
import { notApproved, nothingToRemove, packageRemoves } from './problems.ts';
import { readSavedTables, SAVED_TABLES, TAKE_OUT } from './saved-table.ts';

export interface RemoveInput extends LoginInput {
  readonly gateFiles: GateFiles;
  readonly dryRun: boolean;
  readonly ui: Pick<DeployUi, 'step'> & { readonly approve: (document: string, summary: string) => Promise<boolean> };
  readonly clock: Clock;
}

/** Result of a removal, or in a dry run its plan. */
export interface Removed {
  /** In Markdown. */
  readonly report: string;
  readonly summary: string;
}

/**
 * Removes a gate: shows the ports first, then takes away every file, folder, user and unit that a deployment has made, and
 * names the packages that it leaves.
 * @returns the report, in Markdown, and the same in short
 * @throws Problem
 */
export async function removeGate(input: RemoveInput): Promise<Removed> {
  const { host, ui, dryRun, gateFiles, signal } = input;
  ui.step(phrase('Log in to {0}', host));
  const remote = await logIn(input);
  const lock = dryRun ? undefined : await takeLock(remote, input);
  try {
    ui.step(phrase('Look at the host'));
    const { facts } = await inspect(interruptible(remote, host, signal), host, gateFiles, [], () =>
      input.clock.wallMs(),
    );
    if (facts.packaged) throw packageRemoves(host);
    const manifest = parseManifest(facts.manifest);
    if (manifest === undefined && facts.config === undefined && facts.files.size === 0) throw nothingToRemove(host);
    const packages = manifest?.packages ?? [];
    const steps = removalSteps(
      facts,
      manifest?.files ?? targetFiles(gateFiles).map(({ path }) => path),
      manifest?.madeUser ?? facts.hasUser,
    );
    const staying = packagesText(packages, facts);
    const document = planOf(host, commandsText(steps), staying);
    const summary = planOf(host, phrase('Commands that run as root: {0}.', steps.length), staying);
    if (dryRun) return { report: document, summary };
    if (!(await ui.approve(document, summary))) throw notApproved(host);
    await lock?.keep();
    await new Steps(host, remote, ui.step).run(steps, signal);
    const said = await report(host, staying, remote, input);
    return { report: said, summary: said };
  } finally {
    await lock?.giveBack();
    await remote.close();
  }
}

function removalSteps(facts: Facts, files: readonly string[], madeUser: boolean): Step[] {
  const units = files
    .filter((path) => /\w\.(service|socket)$/.test(path))
    .map((path) => path.slice(path.lastIndexOf('/') + 1));
  return [
    ...(facts.files.has(ROLLBACK_SCRIPT)
      ? [{ title: phrase('Cancel the rollback of an interrupted upgrade'), argv: shell(CANCEL_ROLLBACK) }]
      : []),
    // The ports come first: if anything fails later, nobody is locked out.
    {
      title: phrase('Do not start it at the next boot'),
      argv: shell('systemctl disable "$@" 2>/dev/null || :', ...units),
    },
    { title: phrase('Stop the gate, and show the ports'), argv: disarm() },
    { title: phrase('Stop what else belongs to it'), argv: shell('systemctl stop "$@" 2>/dev/null || :', ...units) },
    {
      title: phrase('Remove its files'),
      argv: ['rm', '-f', ...files, ...files.map((path) => `${path}.knockgate-before`)],
    },
    UNLINK,
    {
      title: phrase('Remove its folders'),
      argv: ['rm', '-rf', LIBRARY_FOLDER, CONFIG_FOLDER, STATE_FOLDER, '/run/knockgate', TRIAL],
    },
    ...(facts.savedTables.length === 0
      ? []
      : [
          {
            title: phrase('Take the gate’s table out of the saved rules in {0}', facts.savedTables.join(', ')),
            argv: shell(TAKE_OUT, ...facts.savedTables),
          },
        ]),
    ...(madeUser && facts.hasUser ? [{ title: phrase('Remove the user knockgate'), argv: shell(REMOVE_USER) }] : []),
    {
      title: phrase('Reload the files of systemd'),
      argv: shell('systemctl daemon-reload; systemctl reset-failed "$@" 2>/dev/null || :', ...units),
    },
  ];
}

function planOf(host: string, steps: Phrase, staying: Phrase): string {
  const paragraphs = [
    phrase('# Removing the gate from {0}', host),
    phrase('The ports that it hides are shown again, to everybody whom other firewalls let in.'),
    steps,
    staying,
    '',
  ];
  return inWords(joined(paragraphs, '\n\n'));
}

async function report(host: string, staying: Phrase, remote: Remote, input: RemoveInput): Promise<string> {
  const { hostName, port } = input.login.settings;
  const [address = hostName] = await input.resolve(hostName);
  const probed = await input.probe(address, port, 3000, input.signal);
  if (probed.kind === 'open') probed.socket.destroy();
  const alive = await remote.run(['true']);
  const saved = await remote.run(shell(`${SAVED_TABLES}\nsaved_tables`));
  const stillSaved = readSavedTables(saved.stdout);
  const paragraphs = [
    phrase('# The gate on {0} is removed', host),
    listText([
      probed.kind === 'open'
        ? phrase('✓ tcp/{0} answers without a knock', port)
        : phrase('✗ tcp/{0} does not answer: another firewall?', port),
      alive.code === 0 ? phrase('✓ the session from before is alive') : phrase('✗ the earlier session has ended'),
    ]),
    ...stillSaved.map((file) =>
      phrase(
        '✗ {0} still holds the gate’s table: loaded at a boot, it hides the ports again. Take “table inet knockgate” out of it.',
        file,
      ),
    ),
    phrase('Its files, folders, user and units are gone; the journal keeps what it logged.'),
    staying,
    '',
  ];
  return inWords(joined(paragraphs, '\n\n'));
}

function packagesText(packages: readonly string[], { manager }: Facts): Phrase {
  if (packages.length === 0) return phrase('Its last set-up installed no package. Packages of earlier set-ups stay.');
  const stay = phrase('These packages were installed for it and stay: {0}.', packages.join(', '));
  if (manager === undefined) return stay;
  const command = `${manager.remove} ${packages.join(' ')}`;
  return joined([stay, phrase('Where nothing else uses them: `{0}`.', command)], ' ');
}
