import { printable } from '../../spa/printable.ts';
import type { Carrier, Prompts, Ran, Remote } from './remote.ts';
import { commandLine } from './shell-words.ts';
import { Sudo } from './sudo.ts';

const USUAL_TIMEOUT_MS = 60_000;

/**
 * A login over a carrier: argument vectors instead of command lines, and root when asked.
 * @param who the account and host, for questions: `dev@prod`
 */
export function remoteOver(carrier: Carrier, prompts: Prompts, who: string): Remote {
  const run = (argv: readonly string[], stdin: Uint8Array, timeoutMs: number): Promise<Ran> =>
    carrier.exec(commandLine(argv), stdin, timeoutMs).then(({ code, stdout, stderr }) => {
      // What a target says gets into plans, reports and errors.
      return { code, stdout: printable(stdout), stderr: printable(stderr) };
    });
  const sudo = new Sudo(run, prompts, who);
  return {
    carrier: carrier.kind,
    hostKey: carrier.hostKey,
    run: (argv, { stdin = '', sudo: asRoot = false, timeoutMs = USUAL_TIMEOUT_MS } = {}) => {
      const input = Buffer.from(stdin);
      return asRoot ? sudo.asRoot(argv, input, timeoutMs) : run(argv, input, timeoutMs);
    },
    close: () => carrier.close(),
  };
}
