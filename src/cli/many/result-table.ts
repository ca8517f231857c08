import { inColumns } from '../../base/columns.ts';
import { ExitCode } from '../../base/problem.ts';
import type { HostResult } from './run-hosts.ts';

/** One word for how it ended for a host. */
export function wordFor({ code }: Pick<HostResult, 'code'>): string {
  if (code === ExitCode.done) return 'done';
  return code === ExitCode.cancelled ? 'cancelled' : 'failed';
}

/** `12.3 s` */
export function inSeconds(seconds: number): string {
  return `${seconds.toFixed(1)} s`;
}

/** First line of an error, without the name of its host: that is in front of it already. */
export function reasonAt(host: string, { what }: { readonly what: string }): string {
  const [line = ''] = what.split('\n');
  // A login has the account as well: dev@web1.
  const named = `${host}: `;
  const at = line.indexOf(named);
  return at >= 0 && /^(\S+@)?$/.test(line.slice(0, at)) ? line.slice(at + named.length) : line;
}

/** The result for people: what each host said, then the table. */
export function resultText(results: readonly HostResult[]): string {
  const said = results
    .filter(({ text }) => text.trim() !== '')
    .map(({ host, text }) => `== ${host}\n${text.trimEnd()}\n`);
  const rows = results.map((result) => [result.host, wordFor(result), inSeconds(result.seconds), reasonOf(result)]);
  return [...said, ...inColumns([['HOST', 'RESULT', 'TIME', 'EXIT, REASON'], ...rows])].join('\n');
}

function reasonOf({ code, error, host }: HostResult): string {
  if (code === ExitCode.done) return '';
  // The name is in the first column.
  return `${code}: ${error === undefined ? 'see above' : reasonAt(host, error)}`;
}

/** The result for programs: docs/automation.md has its shape. */
export function resultJson(results: readonly HostResult[]): string {
  return JSON.stringify({
    hosts: results.map(({ host, code, seconds, text, value, error }) => ({
      host,
      code,
      seconds: Math.round(seconds * 10) / 10,
      ...(error === undefined
        ? {}
        : { error: { code: error.code, what: error.what, why: error.why, next: error.next } }),
      ...(value === undefined ? (text === '' ? {} : { text }) : { result: value }),
    })),
  });
}
