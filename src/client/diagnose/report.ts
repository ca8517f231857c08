import { inEnglish, inWords, type Phrase, phrase } from '../../base/phrase.ts';
import { type Diagnosis, type Result, type StepName, utc } from './diagnosis.ts';

/** Facts that the reader of an issue needs beside the diagnosis. */
export interface About {
  /** Version of the extension. */
  readonly version: string;
  /** `linux x64` */
  readonly system: string;
}

/** Writes a diagnosis as a Markdown document for the user. It holds no secret: the client's line is public. */
export function asDocument(diagnosis: Diagnosis): string {
  const { host, verdict, steps, clientLine } = diagnosis;
  const knows = phrase('The gate must know this line. It holds no secret.');
  const line =
    clientLine === undefined
      ? []
      : ['', inWords(phrase('## This client')), '', inWords(knows), '', '```', clientLine, '```'];
  return [
    inWords(phrase('# Diagnosis: {0}', host)),
    '',
    `**${inWords(verdict.what)}**`,
    '',
    inWords(verdict.next),
    '',
    inWords(phrase('## What was looked at')),
    '',
    ...table(steps, inWords),
    ...line,
    '',
    `${utc(diagnosis.atMs)}`,
    '',
  ].join('\n');
}

/**
 * Writes a diagnosis as a text to paste into an issue: without any key, and in English for the maintainers.
 * @param withNames whether names and addresses of hosts stay as they are
 */
export function asIssueText(diagnosis: Diagnosis, about: About, withNames: boolean): string {
  const { verdict, steps } = diagnosis;
  const text = [
    `Knockgate ${about.version}, ${about.system}, ${utc(diagnosis.atMs)}`,
    '',
    `Verdict: \`${verdict.code}\`. ${inEnglish(verdict.what)}`,
    '',
    ...table(steps, inEnglish),
    '',
  ].join('\n');
  return withNames ? text : withoutNames(text, diagnosis);
}

function table(steps: Diagnosis['steps'], say: (text: Phrase) => string): string[] {
  const rows = steps.map(({ name, result, finding }) => {
    return `| ${say(NAMES[name])} | ${say(RESULTS[result])} | ${cell(say(finding))} |`;
  });
  return [say(phrase('| Step | Result | Finding |')), '| --- | --- | --- |', ...rows];
}

const NAMES: Readonly<Record<StepName, Phrase>> = {
  Name: phrase('Name'),
  Route: phrase('Route'),
  Key: phrase('Key'),
  Clock: phrase('Clock'),
  'Before any knock': phrase('Before any knock'),
  'Knock ports': phrase('Knock ports'),
  'After a knock': phrase('After a knock'),
  'Greeting of sshd': phrase('Greeting of sshd'),
  Grant: phrase('Grant'),
};

const RESULTS: Readonly<Record<Result, Phrase>> = {
  ok: phrase('ok'),
  'not ok': phrase('not ok'),
  unknown: phrase('unknown'),
};

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}

/** Replaces each name and address by `HOST-1` or `ADDRESS-1`, the same one everywhere. */
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
