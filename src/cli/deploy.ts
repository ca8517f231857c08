import { parseNetwork } from '../base/addresses.ts';
import { formatPortRange, parsePortNumber, parsePortRange } from '../base/ports.ts';
import { badText, ExitCode } from '../base/problem.ts';
import type { DeployOptions } from '../deploy/deploy-options.ts';
import type { DeployUi } from '../deploy/deploy-ui.ts';
import type { Arguments, Command } from './command.ts';
import { loadDeployment, startSession } from './deployment.ts';
import { clockNotAccepted } from './problems.ts';
import { SecondWayAsked } from './second-way.ts';
import { Terminal } from './terminal.ts';

export const deploy: Command = {
  name: 'deploy',
  summary: 'Set up a gate on a server that you can ssh into',
  help: `Usage: knockgate deploy HOST [options]

Looks at a server, shows what it is going to do, sets up the gate on trial, proves from
outside that knock and login work, and only then keeps it. When anything goes wrong the
server is as it was; without a confirmation it shows its ports again by itself.
A second time it repairs and upgrades; key, clients and gate.toml stay.

HOST is what you give to ssh: its configuration, keys, agent and jump hosts are used.

  --dry-run            look, and print the plan: nothing is changed
  --yes                do not ask whether to go on; ends when the clocks of the server
                       and of this computer are more than 20 seconds apart
  --accept-clock       go on with clocks apart: knocks from here are corrected by that
  --name NAME          what you call the host; default: HOST
  --hide tcp/22,…      what to hide, ranges too: tcp/8000-8010, udp/60000-60010;
                       default: whatever sshd listens on
  --knock-ports N,…    UDP ports to knock at; default: 443 and one drawn at random,
                       so that no port tells which program hides the others
  --trial SECONDS      how long the server waits for the confirmation; default: 180
  --no-psk             make no pre-shared key for this device: without it, nothing but
                       the gate's key protects recorded knocks from quantum computers,
                       and another server that you deploy could misuse your knocks
  --without-service    on a server without systemd: install, and start nothing
  --ssh-config FILE    as ssh -F
  --ssh WAY            log in by the system's ssh or by the library: system, library;
                       default: the library, and ssh where the library cannot
  --identity FILE      the key to knock with; default: ~/.config/knockgate/id

A second way in, one of these:
  --recovery-key FILE  another key, in a file under a passphrase, to be kept elsewhere; a
                       file that is there already is used again. On any computer,
                       knockgate recover FILE gets you in
  --device LINE        enrol another device: the line that its knockgate pubkey prints
  --trust NETWORK,…    networks that are never shut out
  --no-second-way      none: losing your key is then being locked out

Example:
  knockgate deploy prod --recovery-key /media/stick/prod-recovery`,
  options: {
    'dry-run': 'flag',
    yes: 'flag',
    'accept-clock': 'flag',
    name: 'value',
    hide: 'value',
    'knock-ports': 'value',
    trial: 'value',
    'without-service': 'flag',
    'no-psk': 'flag',
    'ssh-config': 'value',
    ssh: 'value',
    identity: 'value',
    'recovery-key': 'value',
    device: 'value',
    trust: 'value',
    'no-second-way': 'flag',
  },
  arguments: { least: 1, most: 1 },
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
