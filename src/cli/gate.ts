import { ExitCode, exitCodeOf } from '../base/problem.ts';
import { GATE } from '../command-table/client/servers.ts';
import type { Command } from './command.ts';
import { loadDeployment, startSession } from './deployment.ts';
import { readPassedOn } from './passed-on.ts';
import { Terminal } from './terminal.ts';

export const gate: Command = {
  entry: GATE,
  run: async (args, shell) => {
    const [destination = ''] = args.positionals;
    const { argv, own } = readPassedOn(args);
    const deployment = await loadDeployment(shell);
    const terminal = new Terminal(shell.openStdin(), shell.ask, shell.interrupt);
    const session = await startSession(destination, own, shell, deployment, terminal);
    const { probe, resolve, signal } = shell;
    if (argv[0] === 'rotate') {
      const asked = { options: argv.slice(1), clock: shell.clock, probe, resolve, signal };
      shell.print(await deployment.rotateGateKey({ ...session, ...asked }));
      return ExitCode.done;
    }
    const { code, stdout, stderr } = await deployment.askGate({ ...session, probe, resolve, signal }, argv);
    if (stdout !== '') shell.print(stdout.trimEnd());
    if (stderr !== '') shell.tell(stderr.trimEnd());
    return exitCodeOf(code);
  },
};
