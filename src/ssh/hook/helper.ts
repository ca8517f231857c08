import { askBriefly } from './ask.ts';
import { isOrphanedPipe } from './pipe-name.ts';
import { proxy } from './proxy.ts';

/*
 * Program that the script of src/ssh/hook/script.ts runs:
 *   ssh-hook.cjs SOCKET ALIAS             asks the running extension to knock, and waits a little: for `Match exec`
 *   ssh-hook.cjs SOCKET ALIAS HOST PORT   waits until the port is open, connects, and carries the bytes: a ProxyCommand
 */

const [socketPath = '', alias = '', ...destination] = process.argv.slice(2);
if (isOrphanedPipe(socketPath)) process.exitCode = 1;
else if (destination.length === 0) askBriefly(socketPath, alias);
else
  proxy(socketPath, alias, destination).then((code) => {
    process.exit(code);
  });
