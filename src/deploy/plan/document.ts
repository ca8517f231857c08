import { inWords, joined, type Phrase, phrase } from '../../base/phrase.ts';
import { commandLine } from '../connection/shell-words.ts';
import type { DeployOptions } from '../deploy-options.ts';
import type { Finding } from '../preflight/finding.ts';
import type { SecondWay } from '../second-way/second-way.ts';
import type { Plan } from './plan.ts';
import type { Step } from './step.ts';

/** Facts that the document of a plan has beside the plan. */
export interface PlanContext {
  readonly host: string;
  readonly who: string;
  readonly carrier: string;
  /** Reasons for the system's ssh; empty for the library. */
  readonly systemBecause: readonly Phrase[];
  readonly findings: readonly Finding[];
  readonly options: DeployOptions;
  readonly secondWay: SecondWay | undefined;
}

const MARKS = { ok: '✓', note: '·', ask: '?', stop: '✗' } as const;

/** Writes the findings as a list in Markdown. */
export function findingsText(findings: readonly Finding[]): Phrase {
  const lines = findings.map(({ verdict, what, so }) =>
    so === undefined ? joined([MARKS[verdict], what], ' ') : joined([MARKS[verdict], joined([what, so], '. ')], ' '),
  );
  return listText(lines);
}

/** Writes lines as a list in Markdown. */
export function listText(lines: readonly (Phrase | string)[]): Phrase {
  return joined(
    lines.map((line) => joined(['- ', line], '')),
    '\n',
  );
}

/** Writes the plan as a document in Markdown: every file, user, unit, package and command to come. */
export function planText(
  plan: Plan,
  { host, who, carrier, systemBecause, findings, options, secondWay }: PlanContext,
): string {
  const steps = [...plan.prepare, ...plan.arm];
  const paragraphs = [
    phrase('# Setting up a gate on {0}', host),
    // As code: a preview would make a mail link of user@host.
    phrase('Logged in as `{0}`, by {1}. Nothing is changed so far.', who, carrierText(carrier)),
    ...(systemBecause.length === 0
      ? []
      : [phrase('The system’s ssh was taken because of: {0}.', joined(systemBecause, ', '))]),
    phrase('## What was found'),
    findingsText(findings),
    phrase('## What will be there'),
    listText(toCome(plan, options, secondWay)),
    ...(steps.length === 0
      ? [phrase('Nothing has to be changed.')]
      : [phrase('## Commands, as root'), commandsText(steps)]),
    ...(plan.confirm.length === 0 || options.withoutService
      ? []
      : [trialText(plan, options), commandsText(plan.confirm)]),
    '',
  ];
  return inWords(joined(paragraphs, '\n\n'));
}

/** Writes the same plan in short: what matters before somebody agrees to it, without single files and commands. */
export function planSummary(
  plan: Plan,
  { host, who, carrier, findings, options, secondWay }: Omit<PlanContext, 'systemBecause'>,
): string {
  const count = plan.prepare.length + plan.arm.length + plan.confirm.length;
  const paragraphs = [
    phrase('# Setting up a gate on {0}', host),
    phrase('Logged in as `{0}`, by {1}. Nothing is changed so far.', who, carrierText(carrier)),
    remarksText(findings),
    listText(toComeInShort(plan, options, secondWay)),
    ...(count === 0
      ? [phrase('Nothing has to be changed.')]
      : [
          phrase('Commands that run as root: {0}.', count),
          ...(plan.confirm.length === 0 || options.withoutService ? [] : [trialInShort(plan, options)]),
        ]),
    '',
  ];
  return inWords(joined(paragraphs, '\n\n'));
}

/** Names what carries the login: a library that comes with knockgate, or the system's ssh. */
function carrierText(carrier: string): Phrase | string {
  return carrier === 'ssh2' ? phrase('ssh2, a library in knockgate') : carrier;
}

/** Writes the findings of which somebody should know, and how many others there are. */
function remarksText(findings: readonly Finding[]): Phrase {
  const remarks = findings.filter(({ verdict }) => verdict !== 'ok');
  const good = joined([MARKS.ok, phrase('checks passed: {0}', findings.length - remarks.length)], ' ');
  return remarks.length === 0 ? listText([good]) : joined([findingsText(remarks), listText([good])], '\n');
}

function toComeInShort(plan: Plan, options: DeployOptions, secondWay: SecondWay | undefined): Phrase[] {
  const written = plan.files.filter(({ change }) => change !== 'unchanged');
  const files = written.length === 0 ? [] : [phrase('files: {0} to write', written.length)];
  return toCome({ ...plan, files: [] }, options, secondWay).concat(files);
}

function trialInShort(plan: Plan, { trialSeconds }: DeployOptions): Phrase {
  return phrase(
    'For {0} seconds the gate is on trial: a knock and a login from here must work. Otherwise the host {1}.',
    trialSeconds,
    afterTrial(plan),
  );
}

function afterTrial({ goesBack }: Plan): Phrase {
  return goesBack
    ? phrase('goes back by itself to what was in force before')
    : phrase('shows its ports again by itself');
}

function toCome(plan: Plan, options: DeployOptions, secondWay: SecondWay | undefined): Phrase[] {
  const knockPorts = options.knockPorts.map((port) => `udp/${port}`).join(', ');
  const files = plan.files.filter(({ change }) => change !== 'unchanged');
  const clients = plan.clients.map(({ name }) => name).join(', ');
  const { before, now } = plan.versions;
  return [
    phrase('hidden: {0}; knocked at: {1}', options.ports.join(', '), knockPorts),
    ...(before === undefined ? [] : [phrase('version: {0}, then {1}', before, now)]),
    phrase('packages: {0}', plan.packages.join(', ') || phrase('none to install')),
    phrase('user: {0}', plan.newUser ? phrase('knockgate, without a shell or home') : phrase('none to make')),
    ...files.map(({ path, change }) =>
      change === 'new' ? phrase('file: {0} (new)', path) : phrase('file: {0} (replaced)', path),
    ),
    phrase('clients that may knock: {0}', clients || phrase('those that exist already')),
    ...(plan.psk === undefined ? [] : [phrase('pre-shared key: a new one, for this device and the gate')]),
    phrase('second way in: {0}', secondWayText(secondWay)),
  ];
}

function trialText(plan: Plan, { trialSeconds }: DeployOptions): Phrase {
  return phrase(
    'Then, within {0} seconds, it is tried from outside: port closed, knock, port open, login, port closed again. When anything is wrong, or this computer is not heard of again, the host {1}. Only when all is well:',
    trialSeconds,
    afterTrial(plan),
  );
}

export function secondWayText(way: SecondWay | undefined): Phrase {
  switch (way?.kind) {
    case 'recovery-key':
      return way.keeper.path === undefined
        ? phrase('a recovery key, in a file under a passphrase that you choose next')
        : phrase('the recovery key in {0}, under its passphrase; keep it elsewhere', way.keeper.path);
    case 'device':
      return phrase('another device, {0}', way.client.name);
    case 'trusted-network':
      return phrase('a trusted network');
    case 'present':
      return phrase('what the gate already knows');
    case 'declined':
      return phrase('none, as asked for: without this key nobody gets in by ssh');
    default:
      return phrase('still to be chosen');
  }
}

/** Writes steps as a script, each with its title. A script that many steps share is shown with the first of them. */
export function commandsText(steps: readonly Step[]): Phrase {
  const shown = new Set<string>();
  const lines = steps.flatMap(({ title, argv, stdin }) => {
    const words = argv.map((word) => (word.includes('\n') && shown.has(word) ? inWords(phrase('(as above)')) : word));
    for (const word of argv) shown.add(word);
    const named =
      stdin === undefined ? phrase('# {0}', title) : phrase('# {0} (reads {1} bytes)', title, Buffer.byteLength(stdin));
    return [named, commandLine(words)];
  });
  return joined(['```sh', ...lines, '```'], '\n');
}
