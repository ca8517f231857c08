import { randomBytes } from 'node:crypto';
import { printable } from '../../base/printable.ts';
import { behindMark, type Mark, markedCommand } from './marked-command.ts';
import { commandNotRun, connectionLost } from './problems.ts';
import type { Carrier, Prompts, Ran, Remote } from './remote.ts';
import { Sudo } from './sudo.ts';

const USUAL_TIMEOUT_MS = 60_000;

/**
 * A login over a carrier: argument vectors instead of command lines, and root when asked.
 * @param who the account and host, for questions: `dev@prod`
 */
export function remoteOver(
  carrier: Carrier,
  prompts: Prompts,
  who: string,
  mark: Mark = [randomBytes(6).toString('hex'), randomBytes(6).toString('hex')],
): Remote {
  const run = async (argv: readonly string[], stdin: Uint8Array, timeoutMs: number): Promise<Ran> => {
    const { code, stdout, stderr } = await carrier.exec(markedCommand(argv, mark), stdin, timeoutMs);
    const answer = behindMark(stdout, mark);
    if (answer === undefined && code === null) throw connectionLost(who);
    if (answer === undefined) throw commandNotRun(who, printable(`${stdout}${stderr}`));
    // The target's output gets into plans, reports and errors.
    return { code, stdout: printable(answer), stderr: printable(behindMark(stderr, mark) ?? stderr) };
  };
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
