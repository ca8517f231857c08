import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Runs a program until it ends or until standard input does, and deletes two folders then. Standard input is a pipe whose other end this
 * program alone holds: it ends when it is closed, and also when this program is killed. The shell has no other way to notice that.
 *
 * Standard error is for the program alone: a shell that says there how it ended would be ended by that, once nobody reads it.
 *
 * Ctrl-C at the terminal reaches the shell, too: it goes on, since what was begun is taken back over the connection. A script of
 * SSH_ASKPASS that still waits for an answer gets an empty one: the pipe is opened for reading and writing, which waits for nobody.
 */
const SCRIPT = `
trap : INT QUIT
folder=$1 scripts=$2
shift 2
exec 3<&0 4>&2 2>/dev/null
"$@" </dev/null 3<&- 2>&4 4>&- &
program=$!
{ read -r _ <&3; kill "$program"; } 4>&- &
leash=$!
exec 3<&- 4>&-
while :; do
  wait "$program"
  code=$?
  kill -0 "$program" || break
done
kill "$leash"
[ -p "$folder/answer" ] && : 1<>"$folder/answer"
rm -rf "$folder" "$scripts"
exit "$code"
`;

/**
 * Starts a program that ends when this one does, whatever ends this one.
 * @param folders deleted when the program has ended
 * @returns the process whose standard input, once ended, ends the program; its exit code is that of the program
 */
export function startOnLeash(
  command: readonly string[],
  folders: { readonly run: string; readonly scripts: string },
  env: Readonly<Record<string, string | undefined>>,
): ChildProcess {
  const args = ['-c', SCRIPT, 'knockgate-ssh', folders.run, folders.scripts, ...command];
  return spawn('/bin/sh', args, { stdio: ['pipe', 'ignore', 'pipe'], env: env as NodeJS.ProcessEnv });
}
