import { parseJson } from '../base/loose-json.ts';
import { plainDocument } from '../base/plain-text.ts';
import { ExitCode, exitCodeOf } from '../base/problem.ts';
import { GATE } from '../command-table/client/servers.ts';
import type { Ran } from '../deploy/connection/remote.ts';
import type { Command } from './command.ts';
import { loadDeployment, type Session, startSession } from './deployment.ts';
import { forHosts, manyAsOne } from './many/for-hosts.ts';
import type { Outcome } from './many/run-hosts.ts';
import { wantedHosts } from './many/wanted-hosts.ts';
import { readPassedOn } from './passed-on.ts';
import { problemIn } from './printed-problem.ts';
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
  const options = argv.slice(1).filter((word) => word !== '--json');
  const { report, line, until } = await deployment.rotateGateKey({ ...input, options });
  // Its knock was heard, so the gate has read the key.
  const record = { line, reloaded: true, until: until ?? null };
  return {
    code: ExitCode.done,
    stdout: argv.includes('--json') ? JSON.stringify(record) : plainDocument(report),
    stderr: '',
  };
}

/** @throws Problem that the gate has reported with `--json` */
function outcomeOf({ code, stdout, stderr }: Ran): Outcome {
  const problem = code === 0 ? undefined : problemIn(stdout, exitCodeOf(code));
  if (problem !== undefined) throw problem;
  const text = [stdout.trimEnd(), stderr.trimEnd()].filter((part) => part !== '').join('\n');
  return { code: exitCodeOf(code), text, value: parseJson(stdout) };
}
