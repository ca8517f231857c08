import { parseNetwork } from '../base/addresses.ts';
import { formatPortRange, parsePortNumber, parsePortRange } from '../base/ports.ts';
import { badText, ExitCode } from '../base/problem.ts';
import { DEPLOY } from '../command-table/client/servers.ts';
import type { Arguments } from '../command-table/read-line.ts';
import type { DeployOptions } from '../deploy/deploy-options.ts';
import type { DeployUi } from '../deploy/deploy-ui.ts';
import type { Command } from './command.ts';
import { loadDeployment, startSession } from './deployment.ts';
import { clockNotAccepted } from './problems.ts';
import { SecondWayAsked } from './second-way.ts';
import { Terminal } from './terminal.ts';

export const deploy: Command = {
  entry: DEPLOY,
  run: async (args, shell) => {
    const [destination = ''] = args.positionals;
    const options = readOptions(args);
    const deployment = await loadDeployment(shell);
    const terminal = new Terminal(shell.openStdin(), shell.ask, shell.interrupt);
    const way = new SecondWayAsked(args, shell, terminal, deployment.RecoveryFile);
    const session = await startSession(destination, args, shell, deployment, terminal);
    const ui: DeployUi = {
      ...session.ui,
      reached: async () => {},
      approve: async (document) => ((await session.agree(document)) ? 'yes' : 'no'),
      chooseSecondWay: () => way.choose(),
      goOn: async (id, question, detail) => {
        if (id !== deployment.CLOCK_OFF) return session.ui.confirm(question, detail);
        if (args.flag('accept-clock')) return true;
        if (args.flag('yes')) throw clockNotAccepted(session.host, detail);
        return terminal.confirm(question, detail);
      },
    };
    const { report, gate } = await deployment.deploy({ ...session, ui, options, secondWay: await way.named() });
    shell.print(report);
    if (gate !== undefined && options.withoutService !== true) {
      shell.tell(`Next: knockgate knock ${session.host} && ssh ${session.destination}`);
      shell.tell(`For every ssh to knock by itself: knockgate ssh-config ${session.host} >> ~/.ssh/config`);
    }
    return ExitCode.done;
  },
};

function readOptions(args: Arguments): Partial<DeployOptions> {
  const list = (name: string) => args.value(name)?.split(',');
  const hide = list('hide');
  const knockPorts = list('knock-ports');
  const trust = list('trust');
  const trial = args.value('trial');
  return {
    ...(hide === undefined ? {} : { ports: hide.map((text) => formatPortRange(parsePortRange(text, '--hide'))) }),
    ...(knockPorts === undefined
      ? {}
      : { knockPorts: knockPorts.map((text) => parsePortNumber(text, '--knock-ports')) }),
    ...(trust === undefined ? {} : { trusted: trust.map((text) => parseNetwork(text, '--trust')) }),
    ...(trial === undefined ? {} : { trialSeconds: parseTrial(trial) }),
    withoutService: args.flag('without-service'),
    withoutPsk: args.flag('no-psk'),
  };
}

function parseTrial(text: string): number {
  const seconds = /^[0-9]{2,4}$/.test(text) ? Number(text) : 0;
  if (seconds < 30 || seconds > 3600) throw badText('--trial', text, 'seconds from 30 to 3600');
  return seconds;
}
