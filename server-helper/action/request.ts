import { formatAddress, isUnicast, parseAddress } from '../../src/base/addresses.ts';
import { Problem } from '../../src/base/problem.ts';
import { parseName } from '../../src/spa/enrolment.ts';
import type { Particulars } from '../config/action-template.ts';

/** Request of the daemon to the unit that runs actions. */
export interface ActionRequest extends Particulars {
  readonly action: string;
  /** One of its two commands. */
  readonly phase: 'open' | 'close';
}

/** The result of a command. */
export type ActionResult =
  /** The command ended by itself. */
  | { readonly kind: 'exit'; readonly code: number }
  /** It was killed: by a signal, or because its time was over. */
  | { readonly kind: 'killed' }
  /** It was not run, for a reason in words. */
  | { readonly kind: 'refused'; readonly why: string }
  /** The result is unknown: it may have run. */
  | { readonly kind: 'unanswered'; readonly why: string };

/** Characters of the longest line that either side reads. */
export const LONGEST_LINE = 512;

/** `knockgate1 action NAME PHASE SOURCE SECONDS CLIENT` */
export function formatRequest({ action, phase, source, seconds, client }: ActionRequest): string {
  return `knockgate1 action ${action} ${phase} ${source} ${seconds} ${client}\n`;
}

/** Reads a request exactly: every part has its type and our own notation. Undefined for anything else. */
export function parseRequest(line: string): ActionRequest | undefined {
  const [version, kind, action = '', phase, source = '', digits = '', client = '', ...more] = line.split(' ');
  if (version !== 'knockgate1' || kind !== 'action' || more.length > 0) return undefined;
  if ((phase !== 'open' && phase !== 'close') || !isName(action) || !isName(client)) return undefined;
  const address = parseAddress(source);
  if (address === undefined || !isUnicast(address) || formatAddress(address) !== source) return undefined;
  if (!/^[1-9][0-9]{0,4}$/.test(digits) || Number(digits) > 65_535) return undefined;
  return { action, phase, source, seconds: Number(digits), client };
}

/** `exit 0`, `killed`, `refused WHY` */
export function formatResult(result: ActionResult): string {
  if (result.kind === 'exit') return `exit ${result.code}\n`;
  if (result.kind === 'killed') return 'killed\n';
  return `refused ${result.why.replaceAll(/\p{C}/gu, '?').slice(0, LONGEST_LINE - 20)}\n`;
}

/** Reads a result; undefined for anything else. */
export function parseResult(line: string): ActionResult | undefined {
  if (line === 'killed') return { kind: 'killed' };
  const [, code] = /^exit ([0-9]{1,3})$/.exec(line) ?? [];
  if (code !== undefined) return { kind: 'exit', code: Number(code) };
  return line.startsWith('refused ') ? { kind: 'refused', why: line.slice('refused '.length) } : undefined;
}

/** Whether a text is a name as gate.toml has them. */
export function isName(text: string): boolean {
  try {
    return parseName(text) === text;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}
