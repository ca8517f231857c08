/** What the script of the hook is made of. */
export interface ScriptParts {
  /** The running editor, or Node: either runs a file of JavaScript. */
  readonly runtime: string;
  /** dist/ssh-hook.cjs of the extension as it is installed now. */
  readonly helper: string;
  /** Where the running extension listens: a socket, or a named pipe on Windows. */
  readonly socket: string;
}

/**
 * The script for a POSIX shell. Node is rarely on the path, so the editor itself runs the helper; when the editor is
 * closed there is no socket, and when it was updated there may be no such program any more: either costs nothing but the
 * shell. Succeeds and is silent whatever happens.
 */
export function posixScript({ runtime, helper, socket }: ScriptParts): string {
  const [program, file, place] = [runtime, helper, socket].map(quoted);
  return [
    '#!/bin/sh',
    '# Written by Knockgate. Asks the editor to knock; succeeds whatever happens, and never holds ssh up for long.',
    '[ -z "$KNOCKGATE_HOOK_OFF" ] || exit 0',
    'case $1 in "" | *%*) exit 0 ;; esac',
    `[ -S ${place} ] && [ -x ${program} ] && [ -f ${file} ] || exit 0`,
    '# Debuggers put themselves into every Node by way of these; a terminal of the editor may have them.',
    'unset NODE_OPTIONS VSCODE_INSPECTOR_OPTIONS',
    `ELECTRON_RUN_AS_NODE=1 ${program} ${file} ${place} "$1" </dev/null >/dev/null 2>&1`,
    'exit 0',
    '',
  ].join('\n');
}

/**
 * The script for `cmd.exe`, which reads it in a character set of the past: what is not ASCII in a path is written by way
 * of the variables that hold it.
 * @returns undefined when a path cannot be written so
 */
export function windowsScript(
  { runtime, helper, socket }: ScriptParts,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const [program, file] = [runtime, helper].map((path) => inBatch(path, env));
  if (program === undefined || file === undefined) return undefined;
  return [
    '@echo off',
    'rem Written by Knockgate. Asks the editor to knock; succeeds whatever happens.',
    'if defined KNOCKGATE_HOOK_OFF exit /b 0',
    `if not exist "${program}" exit /b 0`,
    'setlocal',
    'set NODE_OPTIONS=',
    'set VSCODE_INSPECTOR_OPTIONS=',
    'set ELECTRON_RUN_AS_NODE=1',
    `"${program}" "${file}" "${socket}" "%~1" <nul >nul 2>nul`,
    'exit /b 0',
    '',
  ].join('\r\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

const FOLDER_VARIABLES = ['LOCALAPPDATA', 'APPDATA', 'USERPROFILE'];

function inBatch(path: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  for (const name of FOLDER_VARIABLES) {
    const folder = env[name];
    if (folder === undefined || folder === '' || !path.toLowerCase().startsWith(`${folder.toLowerCase()}\\`)) continue;
    const rest = inBatch(path.slice(folder.length), {});
    return rest === undefined ? undefined : `%${name}%${rest}`;
  }
  return /^[\x20-\x7e]+$/.test(path) && !/["%]/.test(path) ? path : undefined;
}
