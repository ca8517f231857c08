import type { GateEnrolment } from '../spa/enrolment.ts';
import { formatGateLine } from '../spa/enrolment.ts';
import { findingsText, secondWayText } from './plan/document.ts';
import type { Plan } from './plan/plan.ts';
import type { Finding } from './preflight/findings.ts';
import type { SecondWay, Wishes } from './wishes.ts';

/** What a deployment came to. */
export interface ReportInput {
  readonly host: string;
  readonly plan: Plan;
  readonly passed: readonly { readonly what: string }[];
  readonly secondWay: SecondWay;
  readonly wishes: Wishes;
  readonly gate: GateEnrolment;
  readonly findings: readonly Finding[];
  /** From the first connection to the confirmation. */
  readonly seconds: number;
}

/** The report as a document in Markdown. */
export function reportText(input: ReportInput): string {
  const { host, plan, passed, secondWay, wishes, gate, findings, seconds } = input;
  const changed = plan.files.filter(({ change }) => change !== 'unchanged');
  const { before, now } = plan.versions;
  const isOther = before !== undefined && before !== now;
  const upgraded = isOther ? `went from version ${before} to ${now}` : 'was brought up to date';
  const what = plan.isUpgrade ? (changed.length > 0 ? upgraded : 'is as it should be') : 'is set up';
  return [
    `# The gate on ${host} ${what}`,
    `Hidden: ${wishes.ports.join(', ')}. It took ${seconds.toFixed(1)} seconds, all in all.`,
    '## Proved from outside',
    passed.map(({ what }) => `- ✓ ${what}`).join('\n'),
    '## Changed on the host',
    [
      ...plan.packages.map((name) => `- installed the package ${name}`),
      ...(plan.newUser ? ['- made the user knockgate'] : []),
      ...changed.map(({ path, change }) => `- ${change === 'new' ? 'wrote' : 'replaced'} ${path}`),
      ...(plan.node === undefined
        ? []
        : [`- copied Node ${plan.node.version} from ${plan.node.path} (SHA-256 ${plan.node.sha256})`]),
      ...plan.clients.map(({ name }) => `- lets ${name} knock`),
      ...(plan.isUpgrade && changed.length > 0 ? ['- kept: the gate’s key, its clients, gate.toml'] : []),
      ...(changed.length + plan.clients.length + plan.packages.length === 0 ? ['- nothing'] : []),
    ].join('\n'),
    `Second way in: ${secondWayText(secondWay)}.`,
    '## What was found before',
    findingsText(findings),
    '## The line of this gate, for other devices',
    `\`\`\`\n${formatGateLine(gate)}\n\`\`\``,
    `Locked out all the same? From the console of the host: \`systemctl disable --now knockgate knockgate-boot; nft delete table inet knockgate\`.`,
    '',
  ].join('\n\n');
}
