import { posix } from 'node:path';
import { configLines } from './config-words.ts';

/** What is needed of the disk. */
export interface ConfigFiles {
  /** The text of a file; undefined when it cannot be read. */
  readonly read: (path: string) => string | undefined;
  /** The files that a pattern with `*` and `?` stands for, sorted. */
  readonly expand: (pattern: string) => readonly string[];
}

/** Where a configuration is, and where its relative `Include`s and `~` lead. */
export interface ConfigPlace {
  readonly path: string;
  /** `~/.ssh` for a person's own configuration, `/etc/ssh` for the computer's. */
  readonly includesFrom: string;
  readonly homeFolder: string;
}

/** As deep as OpenSSH goes. */
const DEEPEST_INCLUDE = 16;

/**
 * Every host that an SSH configuration names outright, in its order, `Include`d files too: patterns and negations name
 * no host of their own. Blocks that hold on a condition only (`Match`, an `Include` inside a block) are read all the same,
 * since this is a list to choose from.
 */
export function listAliases(place: ConfigPlace, files: ConfigFiles): string[] {
  const found = new Set<string>();
  collect(place.path, 0);
  return [...found];

  function collect(path: string, depth: number): void {
    if (depth > DEEPEST_INCLUDE) return;
    const text = files.read(path);
    if (text === undefined) return;
    for (const { keyword, values } of configLines(text)) {
      if (keyword === 'host') for (const alias of values.filter(isLiteral)) found.add(alias);
      if (keyword === 'include')
        for (const pattern of values)
          for (const each of files.expand(absolute(pattern, place))) collect(each, depth + 1);
    }
  }
}

function isLiteral(pattern: string): boolean {
  return pattern !== '' && !/[*?!%]/.test(pattern);
}

function absolute(pattern: string, { includesFrom, homeFolder }: ConfigPlace): string {
  const slashed = pattern.replaceAll('\\', '/');
  if (slashed === '~' || slashed.startsWith('~/')) return posix.join(toSlashes(homeFolder), slashed.slice(1));
  const isAbsolute = slashed.startsWith('/') || /^[A-Za-z]:\//.test(slashed);
  return isAbsolute ? slashed : posix.join(toSlashes(includesFrom), slashed);
}

function toSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}
