import { readFileSync } from 'node:fs';
import { fieldsOf, parseJson } from '../../src/base/loose-json.ts';
import { type ChainEnd, hashOfLine } from '../audit/chain.ts';
import { fileUnreadable } from '../problems.ts';

/** A line of the log that does not fit. */
interface AuditFault {
  /** Line of the file, from 1; the last one for what is missing at the end. */
  readonly line: number;
  readonly what: string;
}

/** Result of a check. */
export interface AuditCheck {
  /** Lines of the audit log in the file; others are not counted. */
  readonly lines: number;
  /** Numbers of the first and the last; null without lines. */
  readonly first: number | null;
  readonly last: number | null;
  readonly faults: readonly AuditFault[];
}

interface Link {
  readonly line: number;
  readonly text: string;
  readonly seq: number;
  readonly prev: string | null;
}

/**
 * Follows the chain of a log, and names every line that somebody changed, added or took away.
 * @param end the end of the chain as the daemon has noted it, which may be some lines behind the log
 */
export function checkAudit(text: string, end: ChainEnd | undefined): AuditCheck {
  const links = linksOf(text);
  const faults: AuditFault[] = [];
  let previous: Link | undefined;
  for (const link of links) {
    const fault = previous === undefined ? undefined : faultBetween(previous, link);
    if (fault !== undefined) faults.push(fault);
    // A line whose number was there already is one too many: the next one follows the line before it.
    if (previous === undefined || link.seq > previous.seq || isBeginning(link)) previous = link;
  }
  const atEnd = end === undefined ? undefined : faultAtEnd(links, previous, end);
  if (atEnd !== undefined) faults.push(atEnd);
  return { lines: links.length, first: links[0]?.seq ?? null, last: previous?.seq ?? null, faults };
}

/** Compares a log with a copy of it, as far as the copy reaches. */
export function compareWithCopy(text: string, copy: string): AuditFault[] {
  const links = linksOf(text);
  const [copied, present] = [bySeq(linksOf(copy)), bySeq(links)];
  const last = Math.max(...copied.keys());
  const first = Math.min(...copied.keys());
  const changed = links
    .filter(({ seq, text: line }) => seq >= first && seq <= last && copied.get(seq)?.text !== line)
    .map(({ line, seq }) => ({
      line,
      what: `line ${seq} is ${copied.has(seq) ? 'another one' : 'missing'} in the copy`,
    }));
  const gone = [...copied.values()]
    .filter(({ seq }) => !present.has(seq) && seq >= (links[0]?.seq ?? 0))
    .map(({ seq }) => ({ line: links.at(-1)?.line ?? 0, what: `line ${seq} of the copy is missing here` }));
  return [...changed, ...gone];
}

function faultBetween(previous: Link, link: Link): AuditFault | undefined {
  const { line, seq } = link;
  if (isBeginning(link)) return { line, what: 'the chain begins anew here: the file with its end was lost' };
  if (seq <= previous.seq) return { line, what: `line ${seq} is one too many, or at the wrong place` };
  if (seq > previous.seq + 1) return { line, what: `missing before this line: ${range(previous.seq + 1, seq - 1)}` };
  if (link.prev === hashOfLine(previous.text)) return undefined;
  return { line: previous.line, what: `line ${previous.seq} was changed, or the line behind it` };
}

function faultAtEnd(links: readonly Link[], last: Link | undefined, { seq, hash }: ChainEnd): AuditFault | undefined {
  if (last === undefined || last.seq < seq)
    return { line: last?.line ?? 0, what: `missing at the end: ${range((last?.seq ?? 0) + 1, seq)}` };
  const noted = links.find((link) => link.seq === seq);
  if (noted === undefined || hashOfLine(noted.text) === hash) return undefined;
  return { line: noted.line, what: `line ${seq} was changed: the daemon has noted another one` };
}

function range(first: number, last: number): string {
  return first === last ? `line ${first}` : `lines ${first} to ${last}`;
}

function isBeginning({ seq, prev }: Link): boolean {
  return seq === 1 && prev === null;
}

function bySeq(links: readonly Link[]): Map<number, Link> {
  return new Map(links.map((link) => [link.seq, link]));
}

/** Lines of the audit log in a text, which may have others among them, such as those of systemd. */
function linksOf(text: string): Link[] {
  return text.split('\n').flatMap((line, index) => {
    const { time, seq, prev, event } = fieldsOf(parseJson(line));
    if (typeof time !== 'string' || typeof event !== 'string' || typeof seq !== 'number') return [];
    return [{ line: index + 1, text: line, seq, prev: typeof prev === 'string' ? prev : null }];
  });
}

/**
 * Reads a log. @param file `-` for standard input
 * @throws Problem `file-unreadable`
 */
export function readLog(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw fileUnreadable(file, error);
  }
}

/** Journals drop lines too, when too many come at a time. */
const WHAT_NOW = 'Compare it with a copy from another host: knockgated audit verify FILE --against COPY';

export function showAuditCheck({ lines, first, last, faults }: AuditCheck): string {
  if (lines === 0 && faults.length === 0) return 'There is no line of the audit log in it.';
  const read = lines === 0 ? 'No line of the audit log' : `${lines} lines, from number ${first} to ${last}`;
  if (faults.length === 0) return `${read}: unchanged.`;
  const found = faults.map(({ line, what }) => `line ${line} of the file: ${what}`);
  return [`${read}:`, ...found, WHAT_NOW].join('\n');
}
