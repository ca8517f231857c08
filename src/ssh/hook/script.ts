import { windowsFolder } from './open-window.ts';

/** Parts of the hook's script. */
export interface ScriptParts {
  /** The running editor, or Node: either runs a file of JavaScript. */
  readonly runtime: string;
  /** dist/ssh-hook.cjs of the extension as it is installed now. */
  readonly helper: string;
  /** Where the running extension listens: a socket; on Windows a file that names the pipe. */
  readonly socket: string;
}

/**
 * The script for a POSIX shell. Node is rarely on the path, so the editor itself runs the helper.
 *
 * `knock ask ALIAS` is the command of a `Match exec`: it asks the editor to knock, and waits a little. It fails on purpose: the block
 * does not apply, and ssh connects by itself. When the editor is closed there is no socket, and when it was updated its program may be
 * elsewhere: then it fails at once.
 *
 * `knock ask-or-carry ALIAS` does the same for ssh. When an SSH extension runs it inside the editor, it succeeds at once: the block
 * applies, and the extension connects by its ProxyCommand, which lets the knock go first.
 *
 * `knock carry ALIAS HOST PORT` is that ProxyCommand.
 */
export function posixScript({ runtime, helper, socket }: ScriptParts): string {
  const [program, file, place, windows] = [runtime, helper, socket, windowsFolder(socket)].map(quoted);
  return [
    '#!/bin/sh',
    '# Written by Knockgate, for ssh. docs/ssh-hook.md says what it does.',
    '# Debuggers put themselves into every Node by way of these; a terminal of the editor may have them.',
    'unset NODE_OPTIONS VSCODE_INSPECTOR_OPTIONS',
    'ELECTRON_RUN_AS_NODE=1',
    'export ELECTRON_RUN_AS_NODE',
    'if [ "$1" = carry ]; then',
    `  [ -x ${program} ] && [ -f ${file} ] && exec ${program} ${file} ${place} "$2" "$3" "$4"`,
    '  echo "knockgate: $2: the editor that this hook belongs to is gone; enable the hook again in the present one." >&2',
    '  exit 1',
    'fi',
    'case $1 in ask | ask-or-carry) ;; *) exit 1 ;; esac',
    '[ -z "$KNOCKGATE_HOOK_OFF" ] || exit 1',
    'case $2 in "" | *%*) exit 1 ;; esac',
    `[ -S ${place} ] && [ -x ${program} ] && [ -f ${file} ] || exit 1`,
    '# An SSH extension that reads the configuration by itself runs this in a window of the editor, and waits for it. If that',
    '# window is the one that answers, no answer can come. The extension does not wait for "carry", which connects after the knock.',
    `window=${windows}/$PPID`,
    'if [ -s "$window" ] || { [ "$1" = ask-or-carry ] && [ -e "$window" ]; }; then',
    `  ${program} ${file} ${place} "$2" </dev/null >/dev/null 2>&1 &`,
    '  exit 0',
    'fi',
    `${program} ${file} ${place} "$2" </dev/null >/dev/null 2>&1`,
    'exit 1',
    '',
  ].join('\n');
}

/**
 * The script for `cmd.exe`: `knock.cmd ask ALIAS` alone, since a batch file does not know which process runs it. `cmd.exe`
 * reads it in a character set of the past: what is not ASCII in a path is written by way of the variables that hold it.
 * @returns undefined when a path cannot be written so
 */
export function windowsScript(
  { runtime, helper, socket }: ScriptParts,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const [program, file, names] = [runtime, helper, socket].map((path) => inBatch(path, env));
  if (program === undefined || file === undefined || names === undefined) return undefined;
  return [
    '@echo off',
    'rem Written by Knockgate, for ssh. docs/ssh-hook.md says what it does.',
    'if not "%~1"=="ask" exit /b 1',
    'if defined KNOCKGATE_HOOK_OFF exit /b 1',
    `if not exist "${names}" exit /b 1`,
    `if not exist "${program}" exit /b 1`,
    'setlocal',
    'set KNOCKGATE_PIPE=',
    `set /p KNOCKGATE_PIPE=<"${names}"`,
    'if not defined KNOCKGATE_PIPE exit /b 1',
    'set NODE_OPTIONS=',
    'set VSCODE_INSPECTOR_OPTIONS=',
    'set ELECTRON_RUN_AS_NODE=1',
    `"${program}" "${file}" "%KNOCKGATE_PIPE%" "%~2" <nul >nul 2>nul`,
    'exit /b 1',
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
