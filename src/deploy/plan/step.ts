import { type Phrase, phrase } from '../../base/phrase.ts';
/** Change on the target, run as root. The plan shows exactly what runs. */
export interface Step {
  /** Title for people: begins with a verb. */
  readonly title: Phrase;
  /** Title that such steps share, where single ones are not shown. */
  readonly inShort?: Phrase;
  readonly argv: readonly string[];
  /** Input of the program. */
  readonly stdin?: string;
  /** Command that undoes the step; harmless when the step was done by half, or not at all. */
  readonly undo?: readonly string[];
  readonly timeoutMs?: number;
}

/** Makes a step of a short script, with its arguments apart from it: `sh -c SCRIPT sh ARGUMENT…`. */
export function shell(script: string, ...args: readonly string[]): string[] {
  return ['/bin/sh', '-c', script, 'sh', ...args];
}

/** Suffix of the copy of a previous file, which is kept beside it until the gate is confirmed. */
export const KEEP = '.knockgate-before';

/** Writes a file in one step, and keeps a copy of the previous one; a copy that an earlier attempt has kept stays. */
export function putFile(path: string, mode: string, owner: string, text: string): Step {
  const script = `set -e; umask 077
if test -e "$1" && ! test -e "$1${KEEP}"; then cp -p "$1" "$1${KEEP}"; fi
cat >"$1.knockgate-new"; chown "$3" "$1.knockgate-new"; chmod "$2" "$1.knockgate-new"; mv -f "$1.knockgate-new" "$1"`;
  return {
    title: phrase('Write {0}', path),
    inShort: phrase('Write the files'),
    argv: shell(script, path, mode, owner),
    stdin: text,
    undo: putBack(path),
  };
}

/**
 * Copies a user's program to a place that only root can change, if it still is the one that was inspected. Until that is certain,
 * nobody else can read the copy: the program may have become a link to a secret.
 */
export function copyProgram(from: string, to: string, sha256: string): Step {
  const script = `set -e; umask 077
if test -e "$2" && ! test -e "$2${KEEP}"; then cp -p "$2" "$2${KEEP}"; fi
rm -f "$2.knockgate-new"; trap 'rm -f "$2.knockgate-new"' EXIT; test -f "$1"; test ! -L "$1"
cat -- "$1" >"$2.knockgate-new"; printf '%s  %s\\n' "$3" "$2.knockgate-new" | sha256sum -c --quiet
chown root:root "$2.knockgate-new"; chmod 0755 "$2.knockgate-new"; mv -f "$2.knockgate-new" "$2"`;
  return {
    title: phrase('Copy {0} to {1}', from, to),
    argv: shell(script, from, to, sha256),
    undo: putBack(to),
    timeoutMs: 120_000,
  };
}

/** Makes a folder; an existing one gets owner and mode. */
export function makeFolder(path: string, mode: string, owner: string, group: string, isNew: boolean): Step {
  const argv = ['install', '-d', '-m', mode, '-o', owner, '-g', group, path];
  const title = phrase('Make the folder {0}', path);
  const inShort = phrase('Make the folders');
  return isNew ? { title, inShort, argv, undo: ['rm', '-rf', path] } : { title, inShort, argv };
}

/** Deletes the copies of previous files, which are not needed any more. */
export function forgetKept(paths: readonly string[]): Step {
  return {
    title: phrase('Delete the copies of replaced files, if any'),
    argv: ['rm', '-f', ...paths.map((path) => `${path}${KEEP}`)],
  };
}

function putBack(path: string): string[] {
  return shell(
    `rm -f "$1.knockgate-new"; if test -e "$1${KEEP}"; then mv -f "$1${KEEP}" "$1"; else rm -f "$1"; fi`,
    path,
  );
}
