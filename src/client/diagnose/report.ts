import type { Diagnosis } from './diagnosis.ts';

/** What the reader of an issue wants to know beside the diagnosis. */
export interface About {
  /** Of the extension. */
  readonly version: string;
  /** `linux x64` */
  readonly system: string;
}

/** A diagnosis as a Markdown document for the person it is about. It holds no secret: the client's line is public. */
export function asDocument(diagnosis: Diagnosis): string {
  const { host, verdict, steps, clientLine } = diagnosis;
  const line =
    clientLine === undefined
      ? []
      : ['', '## This client', '', 'The gate must know this line. It holds no secret.', '', '```', clientLine, '```'];
  return [
    `# Diagnosis: ${host}`,
    '',
    `**${verdict.what}**`,
    '',
    verdict.next,
    '',
    '## What was looked at',
    '',
    ...table(steps),
    ...line,
    '',
    `${utc(diagnosis.atMs)}`,
    '',
  ].join('\n');
}

/**
 * A diagnosis as a text to paste into an issue, without any key.
 * @param withNames whether names and addresses of hosts stay as they are
 */
export function asIssueText(diagnosis: Diagnosis, about: About, withNames: boolean): string {
  const { verdict, steps } = diagnosis;
  const text = [
    `Knockgate ${about.version}, ${about.system}, ${utc(diagnosis.atMs)}`,
    '',
    `Verdict: \`${verdict.code}\`. ${verdict.what}`,
    '',
    ...table(steps),
    '',
  ].join('\n');
  return withNames ? text : withoutNames(text, diagnosis);
}

function table(steps: Diagnosis['steps']): string[] {
  const rows = steps.map(({ name, result, finding }) => `| ${name} | ${result} | ${cell(finding)} |`);
  return ['| Step | Result | Finding |', '| --- | --- | --- |', ...rows];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}

/** Puts `HOST-1` or `ADDRESS-1` in the place of each name and address, the same one everywhere. */
function withoutNames(text: string, { hosts, addresses }: Diagnosis): string {
  const others = hosts.filter((host) => !addresses.includes(host));
  const words = [
    ...[...new Set(others)].map((word, i) => ({ word, instead: `HOST-${i + 1}` })),
    ...[...new Set(addresses)].map((word, i) => ({ word, instead: `ADDRESS-${i + 1}` })),
  ];
  // The longest first: a name may be part of another.
  const ordered = words.filter(({ word }) => word !== '').sort((a, b) => b.word.length - a.word.length);
  if (ordered.length === 0) return text;
  const alternatives = ordered.map(({ word }) => word.replaceAll(/[^A-Za-z0-9]/g, '\\$&')).join('|');
  const pattern = new RegExp(`(?<![A-Za-z0-9])(?:${alternatives})(?![A-Za-z0-9])`, 'gi');
  return text.replaceAll(pattern, (found) => {
    return ordered.find(({ word }) => word.toLowerCase() === found.toLowerCase())?.instead ?? 'HOST';
  });
}

function utc(unixMs: number): string {
  return `${new Date(unixMs).toISOString().slice(0, 19)}Z`;
}
