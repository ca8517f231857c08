import { commandLine } from '../connection/shell-words.ts';
import type { Finding } from '../preflight/findings.ts';
import type { SecondWay, Wishes } from '../wishes.ts';
import type { Plan } from './plan.ts';
import type { Step } from './step.ts';

/** What the document of a plan tells beside the plan. */
export interface PlanContext {
  readonly host: string;
  readonly who: string;
  readonly carrier: string;
  readonly findings: readonly Finding[];
  readonly wishes: Wishes;
  readonly secondWay: SecondWay | undefined;
}

const MARKS = { ok: '✓', note: '·', ask: '?', stop: '✗' } as const;

/** The findings as a list in Markdown. */
export function findingsText(findings: readonly Finding[]): string {
  return findings
    .map(({ verdict, what, so }) => `- ${MARKS[verdict]} ${what}${so === undefined ? '' : `. ${so}`}`)
    .join('\n');
}

/** The plan as a document in Markdown: every file, user, unit, package and command to come. */
export function planText(plan: Plan, { host, who, carrier, findings, wishes, secondWay }: PlanContext): string {
  const files = plan.files.filter(({ change }) => change !== 'unchanged');
  const steps = [...plan.prepare, ...plan.arm];
  return [
    `# Setting up a gate on ${host}`,
    `Logged in as ${who}, by ${carrier}. Nothing is changed so far.`,
    '## What was found',
    findingsText(findings),
    '## What is going to be there',
    [
      `- hidden: ${wishes.ports.join(', ')}; knocked at: ${wishes.knockPorts.map((port) => `udp/${port}`).join(', ')}`,
      ...(plan.versions.before === undefined ? [] : [`- version: ${plan.versions.before}, then ${plan.versions.now}`]),
      `- packages: ${plan.packages.join(', ') || 'none to install'}`,
      `- user: ${plan.newUser ? 'knockgate, without a shell or home' : 'none to make'}`,
      ...files.map(({ path, change }) => `- file: ${path} (${change})`),
      `- clients that may knock: ${plan.clients.map(({ name }) => name).join(', ') || 'those that are there already'}`,
      `- second way in: ${secondWayText(secondWay)}`,
    ].join('\n'),
    ...(steps.length === 0 ? ['Nothing has to be changed.'] : ['## Commands, as root', code(steps)]),
    ...(plan.confirm.length === 0
      ? []
      : [
          `Then, within ${wishes.trialSeconds} seconds, it is tried from outside: port closed, knock, port open, login, port closed again. When anything is wrong, or this computer is not heard of again, the host ${plan.goesBack ? 'goes back by itself to what was in force before' : 'shows its ports again by itself'}. Only when all is well:`,
          code(plan.confirm),
        ]),
    '',
  ].join('\n\n');
}

export function secondWayText(way: SecondWay | undefined): string {
  switch (way?.kind) {
    case 'recovery-key':
      return 'a recovery key, shown once';
    case 'device':
      return `another device, ${way.client.name}`;
    case 'trusted-network':
      return 'a trusted network';
    case 'present':
      return 'what the gate knows from before';
    case 'declined':
      return 'none, as asked for: without this key nobody gets in by ssh';
    default:
      return 'still to be chosen';
  }
}

/** A script that many steps share is shown with the first of them. */
function code(steps: readonly Step[]): string {
  const shown = new Set<string>();
  const lines = steps.flatMap(({ title, argv, stdin }) => {
    const words = argv.map((word) => (word.includes('\n') && shown.has(word) ? '(as above)' : word));
    for (const word of argv) shown.add(word);
    return [`# ${title}${stdin === undefined ? '' : ` (reads ${Buffer.byteLength(stdin)} bytes)`}`, commandLine(words)];
  });
  return `\`\`\`sh\n${lines.join('\n')}\n\`\`\``;
}
