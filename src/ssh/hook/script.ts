import { openPortsFolder } from './open-ports.ts';
import { windowsFolder } from './open-window.ts';

/** Parts of the hook's script. */
export interface ScriptParts {
  /** The program of the running editor, or Node. Both can run a JavaScript file. */
  readonly runtime: string;
  /** Path of dist/ssh-hook.cjs in the installed extension. */
  readonly helper: string;
  /** Where the running extension listens: a socket; on Windows a file that names the pipe. */
  readonly socket: string;
  /** Target of the link `/proc/self/ns/pid` in the editor; empty where there is no such link. */
  readonly pidNamespace: string;
}

/**
 * Milliseconds for which a port that was seen open is not checked again. Each check is a connection without a login, and
 * sshd punishes addresses that make many of them.
 */
export const TRUST_MS = 10_000;

/**
 * The script for a POSIX shell. Node is rarely on the path, so the editor itself runs the helper.
 *
 * `knock ask ALIAS` is the command of a `Match exec`: it asks the editor to knock, and waits a little. It fails on purpose:
 * the block does not apply, and ssh connects by itself. It fails at once when no editor runs, and when its program was moved
 * by an update.
 *
 * `knock ask-or-carry ALIAS` does the same for ssh. When an SSH extension runs it inside the editor, it succeeds at once:
 * the block applies, and the extension connects by its ProxyCommand, which lets the knock go first.
 *
 * `knock carry ALIAS HOST PORT` is that ProxyCommand.
 *
 * Starting Node takes most of the time, so the script decides by itself when it can, and starts at most one other program
 * for that. In doubt it starts Node.
 */
export function posixScript({ runtime, helper, socket, pidNamespace }: ScriptParts): string {
  const [program, file, path] = [runtime, helper, socket].map(quoted);
  const [windows, openPorts, namespace] = [windowsFolder(socket), openPortsFolder(socket), pidNamespace].map(quoted);
  const ask = `${program} ${file} ${path} "$2" </dev/null >/dev/null 2>&1`;
  return [
    '#!/bin/sh',
    '# Written by Knockgate, for ssh. docs/ssh-hook.md says what it does.',
    '# Debuggers put themselves into every Node by way of these; a terminal of the editor may have them.',
    'unset NODE_OPTIONS VSCODE_INSPECTOR_OPTIONS',
    'ELECTRON_RUN_AS_NODE=1',
    'export ELECTRON_RUN_AS_NODE',
    'if [ "$1" = carry ]; then',
    `  [ -x ${program} ] && [ -f ${file} ] && exec ${program} ${file} ${path} "$2" "$3" "$4"`,
    '  echo "knockgate: $2: the editor that this hook belongs to is gone; enable the hook again in the present one." >&2',
    '  exit 1',
    'fi',
    'case $1 in ask | ask-or-carry) ;; *) exit 1 ;; esac',
    '[ -z "$KNOCKGATE_HOOK_OFF" ] || exit 1',
    'case $2 in "" | *[!A-Za-z0-9._-]*) exit 1 ;; esac',
    `[ -S ${path} ] && [ -x ${program} ] && [ -f ${file} ] || exit 1`,
    '# An SSH extension that reads the configuration by itself runs this in a window of the editor, and waits for it. If that',
    '# window is the one that answers, no answer can come. The extension does not wait for "carry", which connects after the knock.',
    `window=${windows}/$PPID`,
    'if [ -s "$window" ] || { [ "$1" = ask-or-carry ] && [ -e "$window" ]; }; then',
    `  ${ask} &`,
    '  exit 0',
    'fi',
    '# An editor that crashed has left its socket and the files of its windows, which are named by their process ids. In another',
    '# namespace (a container) such an id says nothing.',
    'runs=',
    `for window in ${windows}/*; do`,
    `  id=\${window##*/}`,
    '  case $id in *[!0-9]*) runs=unknown ;; *) kill -0 "$id" 2>/dev/null && runs=yes ;; esac',
    '  [ -z "$runs" ] || break',
    'done',
    `[ -n "$runs" ] || [ "$(readlink /proc/self/ns/pid 2>/dev/null)" != ${namespace} ] || exit 1`,
    '# While the door is open nobody waits. Unless it was seen open a short while ago, the editor looks meanwhile, and knocks if it is shut:',
    '# ssh repeats its SYN after a second.',
    'until= trusted=',
    `[ -f ${openPorts}/"$2" ] && read -r until trusted <${openPorts}/"$2"`,
    'case $until:$trusted in',
    '  :* | *: | *[!0-9:]*) ;;',
    '  *)',
    '    now=$(date +%s)',
    `    [ "$trusted" -gt "$now" ] && [ "$trusted" -le $((now + ${TRUST_MS / 1000})) ] && exit 1`,
    '    if [ "$until" -gt "$now" ]; then',
    `      ${ask} &`,
    '      exit 1',
    '    fi ;;',
    'esac',
    ask,
    'exit 1',
    '',
  ].join('\n');
}

/**
 * The script for `cmd.exe`. It knows only `knock.cmd ask ALIAS`, since a batch file cannot find out which process runs it.
 * `cmd.exe` reads the script in an old character set, so parts of a path that are not ASCII are written as environment
 * variables with that value.
 * @returns undefined when a path cannot be written in this way
 */
export function windowsScript(
  { runtime, helper, socket }: Omit<ScriptParts, 'pidNamespace'>,
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
