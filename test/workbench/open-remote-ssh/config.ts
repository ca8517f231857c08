import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Settings of a host in an SSH configuration: keywords in lower case, the first value of each. */
export type HostConfig = ReadonlyMap<string, string>;

/**
 * Reads an SSH configuration as Open Remote - SSH does: in the extension host, whose only thread a command of `Match exec`
 * holds up until it ends.
 * @param ranExec is told each command, and the milliseconds that the extension host stood still for it
 */
export function hostConfig(path: string, host: string, ranExec: (command: string, ms: number) => void): HostConfig {
  const found = new Map<string, string>();
  let counts = true;
  for (const [keyword, rest] of lines(path)) {
    if (keyword === 'host') counts = matchesAny(rest, host);
    else if (keyword === 'match') counts = matches(rest, host, ranExec);
    else if (counts && !found.has(keyword)) found.set(keyword, rest);
  }
  return found;
}

/** Lines of a file and of those that it includes, in their place; a person may have none. */
function lines(path: string): [keyword: string, rest: string][] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line): [string, string][] => {
      const [, keyword = '', rest = ''] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? [];
      if (keyword === '') return [];
      if (keyword.toLowerCase() !== 'include') return [[keyword.toLowerCase(), rest]];
      return words(rest).flatMap((file) => lines(isAbsolute(file) ? file : join(homedir(), '.ssh', file)));
    });
}

/** Criteria are looked at in their order: a command runs only when all before it fit. */
function matches(criteria: string, host: string, ranExec: (command: string, ms: number) => void): boolean {
  const all = words(criteria);
  while (all.length > 0) {
    const criterion = all.shift()?.toLowerCase();
    if (criterion === 'all') continue;
    const value = all.shift() ?? '';
    if (criterion === 'exec') {
      const since = performance.now();
      const { status } = spawnSync(value, { shell: true });
      ranExec(value, performance.now() - since);
      if (status !== 0) return false;
    } else if (!(criterion === 'originalhost' && value.split(',').includes(host))) return false;
  }
  return true;
}

function matchesAny(patterns: string, host: string): boolean {
  return words(patterns).some((pattern) => pattern === '*' || pattern === host);
}

/** The words of a line; double quotes hold one together. */
export function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}
