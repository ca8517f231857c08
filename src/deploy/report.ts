import { inWords, joined, type Phrase, phrase } from '../base/phrase.ts';
import { shellWord } from '../os/shell-word.ts';
import type { GateEnrolment } from '../spa/enrolment.ts';
import { formatGateLine } from '../spa/enrolment.ts';
import { formatGateLink } from '../spa/enrolment-link.ts';
import type { DeployOptions } from './deploy-options.ts';
import { findingsText, listText, secondWayText } from './plan/document.ts';
import type { Plan } from './plan/plan.ts';
import type { Finding } from './preflight/finding.ts';
import { pathText } from './preflight/programs.ts';
import type { SecondWay } from './second-way/second-way.ts';

/** Results of a deployment. */
export interface ReportInput {
  readonly host: string;
  readonly plan: Plan;
  readonly passed: readonly { readonly what: Phrase }[];
  readonly secondWay: SecondWay;
  readonly options: DeployOptions;
  readonly gate: GateEnrolment;
  readonly findings: readonly Finding[];
  /** Seconds from the first connection to the confirmation. */
  readonly seconds: number;
}

/** Commands to run the gate by hand, with no more rights than its unit would give it. */
const RUN_BY_HAND = `\`\`\`sh
install -d -m 0750 -o knockgate -g knockgate /run/knockgate
knockgated trial 600
setpriv --reuid knockgate --regid knockgate --clear-groups --inh-caps -all,+net_admin --ambient-caps -all,+net_admin \\
  --bounding-set -all,+net_admin --no-new-privs /usr/sbin/knockgated run
\`\`\``;

/** Writes the report as a document in Markdown, the result first. */
export function reportText(input: ReportInput): string {
  const { host, plan, secondWay, gate, findings } = input;
  const changes = changesOf(plan);
  const paragraphs = [
    ...resultOf(input),
    phrase('## Changed on the host'),
    listText(changes.length > 0 ? changes : [phrase('nothing')]),
    phrase('Second way in: {0}.', secondWayText(secondWay)),
    ...recoveryText(secondWay),
    phrase('## What was found before'),
    findingsText(findings),
    ...lineOf(host, gate),
    phrase('The same as a link, which opens the editor and asks there:'),
    joined(['```', formatGateLink(gate), '```'], '\n'),
    LOCKED_OUT,
    '',
  ];
  return inWords(joined(paragraphs, '\n\n'));
}

/** Writes the same in short: the result, and what to keep. */
export function reportSummary(input: ReportInput): string {
  const { host, secondWay, gate } = input;
  const paragraphs = [
    ...resultOf(input),
    phrase('Second way in: {0}.', secondWayText(secondWay)),
    ...recoveryText(secondWay),
    ...lineOf(host, gate),
    LOCKED_OUT,
    '',
  ];
  return inWords(joined(paragraphs, '\n\n'));
}

const LOCKED_OUT = phrase(
  'Locked out all the same? From the console of the host: `systemctl disable --now knockgate knockgate-boot; nft delete table inet knockgate`.',
);

/** Explains what to type on another device, and here for it. Double quotation marks protect the line from every shell. */
function lineOf(host: string, gate: GateEnrolment): Phrase[] {
  const enrol = `knockgate gate ${shellWord(host)} client add "LINE"`;
  return [
    phrase('## For other devices'),
    phrase(
      'On the other device, `{0}` prints a line; here, `{1}` tells it to the gate. Then type on the other device:',
      'knockgate keygen',
      enrol,
    ),
    joined(['```', `knockgate add "${formatGateLine(gate)}"`, '```'], '\n'),
    phrase('*Add Host…* of the editor takes what is in the quotation marks.'),
  ];
}

function resultOf({ host, plan, passed, options, seconds }: ReportInput): (Phrase | string)[] {
  return [
    titleOf(host, plan),
    ...(options.withoutService
      ? [
          phrase('Will be hidden: {0}.', options.ports.join(', ')),
          phrase('## Not in force yet'),
          phrase(
            'Nothing is hidden, and nothing was started or tried: there is no service. As root on the host, on trial for ten minutes:',
          ),
          RUN_BY_HAND,
          phrase(
            'Then knock and log in from elsewhere, and say `knockgated confirm`. Only when that works, have what starts programs at boot on this system run the same without the trial, and start it again whenever it ends: as long as it does not run, nobody gets in.',
          ),
        ]
      : [
          phrase(
            'Hidden: {0}. It took {1} seconds, with the time for your answers.',
            options.ports.join(', '),
            seconds.toFixed(1),
          ),
          phrase('## Proved from outside'),
          listText(passed.map(({ what }) => joined(['✓ ', what], ''))),
        ]),
  ];
}

/** Explains the use of a recovery file, for people who have lost everything else. */
function recoveryText(way: SecondWay): Phrase[] {
  if (way.kind !== 'recovery-key' || way.keeper.path === undefined) return [];
  const command = `knockgate recover ${shellWord(way.keeper.path)}`;
  return [
    phrase('To get in from any other computer: `{0}`. sshd still wants its own key or a password there.', command),
  ];
}

function titleOf(host: string, plan: Plan): Phrase {
  const { before, now } = plan.versions;
  if (!plan.isUpgrade) return phrase('# The gate on {0} is set up', host);
  if (changedFiles(plan).length === 0) return phrase('# The gate on {0} is as it should be', host);
  if (before === undefined || before === now) return phrase('# The gate on {0} was brought up to date', host);
  return phrase('# The gate on {0} went from version {1} to {2}', host, before, now);
}

function changedFiles({ files }: Plan) {
  return files.filter(({ change }) => change !== 'unchanged');
}

function changesOf(plan: Plan): Phrase[] {
  const { packages, newUser, node, clients, psk, isUpgrade } = plan;
  const changed = changedFiles(plan);
  return [
    ...packages.map((name) => phrase('installed the package {0}', name)),
    ...(newUser ? [phrase('made the user knockgate')] : []),
    ...changed.map(({ path, change }) => (change === 'new' ? phrase('wrote {0}', path) : phrase('replaced {0}', path))),
    ...(node === undefined
      ? []
      : [phrase('copied Node {0} from {1} (SHA-256 {2})', node.version, pathText(node.path), node.sha256)]),
    ...clients.map(({ name }) => phrase('lets {0} knock', name)),
    ...(psk === undefined
      ? []
      : [phrase('gave this device and the gate a pre-shared key: without it nobody knocks as this device')]),
    ...(isUpgrade && changed.length > 0 ? [phrase('kept: the gate’s key, its clients, gate.toml')] : []),
  ];
}
