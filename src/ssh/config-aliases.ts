import { posix } from 'node:path';
import { type ConfigLine, configLines } from './config-words.ts';

/** Access to the disk. */
export interface ConfigFiles {
  /** Reads a file; undefined when it cannot be read. */
  readonly read: (path: string) => string | undefined;
  /** Finds the files for a pattern with `*` and `?`, sorted. */
  readonly expand: (pattern: string) => readonly string[];
}

/** Path of a configuration, and the folders for its relative `Include`s and `~`. */
export interface ConfigLocation {
  readonly path: string;
  /** `~/.ssh` for a person's own configuration, `/etc/ssh` for the computer's. */
  readonly includesFrom: string;
  readonly homeFolder: string;
}

const CONDITIONS = ['exec', '!exec', 'localnetwork', '!localnetwork'];
/** Depth of `Include`s that OpenSSH allows. */
const DEEPEST_INCLUDE = 16;

/**
 * Lists the hosts that an SSH configuration and its `Include`d files name, in their order. Patterns and negations are left
 * out. Blocks with a condition (`Match`, an `Include` inside a block) are read too, since people choose from this list.
 */
export function listAliases(location: ConfigLocation, files: ConfigFiles): string[] {
  const hosts = linesOf(location, files).filter(({ keyword }) => keyword === 'host');
  return [...new Set(hosts.flatMap(({ values }) => values.filter(isLiteral)))];
}

/** Lists every line of an SSH configuration. The lines of an `Include`d file come after the line that includes it. */
export function linesOf(location: ConfigLocation, files: ConfigFiles): ConfigLine[] {
  return linesIn(location.path, 0);

  function linesIn(path: string, depth: number): ConfigLine[] {
    const text = depth > DEEPEST_INCLUDE ? undefined : files.read(path);
    return text === undefined ? [] : configLines(text).flatMap((line) => [line, ...included(line, depth)]);
  }

  function included({ keyword, values }: ConfigLine, depth: number): ConfigLine[] {
    if (keyword !== 'include') return [];
    const paths = values.flatMap((pattern) => files.expand(absolute(pattern, location)));
    return paths.flatMap((path) => linesIn(path, depth + 1));
  }
}

/**
 * Whether the route to a host may change from one connection to the next: by the answer of a program (`Match exec`) or by
 * the network of this computer (`Match localnetwork`).
 */
export function isConditional(lines: readonly ConfigLine[]): boolean {
  return lines.some(
    ({ keyword, values }) => keyword === 'match' && values.some((word) => CONDITIONS.includes(word.toLowerCase())),
  );
}

function isLiteral(pattern: string): boolean {
  return pattern !== '' && !/[*?!%]/.test(pattern);
}

function absolute(pattern: string, { includesFrom, homeFolder }: ConfigLocation): string {
  const slashed = pattern.replaceAll('\\', '/');
  if (slashed === '~' || slashed.startsWith('~/')) return posix.join(toSlashes(homeFolder), slashed.slice(1));
  const isAbsolute = slashed.startsWith('/') || /^[A-Za-z]:\//.test(slashed);
  return isAbsolute ? slashed : posix.join(toSlashes(includesFrom), slashed);
}

function toSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}
