import { parseJson } from '../base/loose-json.ts';
import { ExitCode, exitCodeOf } from '../base/problem.ts';
import { GATE } from '../command-table/client/servers.ts';
import type { Ran } from '../deploy/connection/remote.ts';
import type { Command } from './command.ts';
import { loadDeployment, type Session, startSession } from './deployment.ts';
import { forHosts, manyAsOne } from './many/for-hosts.ts';
import type { Outcome } from './many/run-hosts.ts';
import { wantedHosts } from './many/wanted-hosts.ts';
import { readPassedOn } from './passed-on.ts';
import type { DeployModule, Shell } from './shell.ts';
import { Terminal } from './terminal.ts';

export const gate: Command = {
  entry: GATE,
  run: async (args, shell) => {
    const { argv, own } = readPassedOn(args);
    const wanted = wantedHosts('gate', args.positionals[0], own, shell);
    const deployment = await loadDeployment(shell);
    const [destination = ''] = wanted.names;
    if (!wanted.single)
      return forHosts(wanted.names, own, shell, argv.includes('--json'), async (host, one) => {
        const session = await startSession(host, own, one.shell, deployment, one.asking);
        one.step(`${argv.slice(0, 2).join(' ')}`);
        return outcomeOf(await ask(manyAsOne(session, own, one), argv, deployment, shell));
      });
    const terminal = Terminal.of(shell);
    const session = await startSession(destination, own, shell, deployment, terminal);
    const { code, stdout, stderr } = await ask(session, argv, deployment, shell);
    if (stdout !== '') shell.print(stdout.trimEnd());
    if (stderr !== '') shell.tell(stderr.trimEnd());
    return exitCodeOf(code);
  },
};

async function ask(session: Session, argv: readonly string[], deployment: DeployModule, shell: Shell): Promise<Ran> {
  const { clock, probe, resolve, signal } = shell;
  const input = { ...session, clock, probe, resolve, signal };
  if (argv[0] !== 'rotate') return deployment.askGate(input, argv);
  const report = await deployment.rotateGateKey({ ...input, options: argv.slice(1) });
  return { code: ExitCode.done, stdout: report, stderr: '' };
}

function outcomeOf({ code, stdout, stderr }: Ran): Outcome {
  const text = [stdout.trimEnd(), stderr.trimEnd()].filter((part) => part !== '').join('\n');
  return { code: exitCodeOf(code), text, value: parseJson(stdout) };
}
