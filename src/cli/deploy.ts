import { existsSync } from 'node:fs';
import { createKeyFile, readSecretFile } from '../client/identity.ts';
import { usualName } from '../client/key-name.ts';
import type { SecondWay, Wishes } from '../deploy/wishes.ts';
import { parseNetwork } from '../spa/addresses.ts';
import { parseClientLine } from '../spa/enrolment.ts';
import { formatKey, newPrivateKey } from '../spa/keys.ts';
import { formatPort, parsePort, parsePortNumber } from '../spa/ports.ts';
import { badText, ExitCode } from '../spa/problem.ts';
import { type Arguments, type Command, usageProblem } from './command.ts';
import { loadDeployment, startSession } from './deployment.ts';
import type { Shell } from './shell.ts';
import { Terminal } from './terminal.ts';

/** What has to be typed to go without a second way in. */
const DECLINE = 'I have no second way in';

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
  --yes                do not ask whether to go on
  --name NAME          what you call the host; default: HOST
  --hide tcp/22,…      what to hide; default: whatever sshd listens on
  --knock-ports N,…    UDP ports to knock at; default: 443,62201, those that are free
  --trial SECONDS      how long the server waits for the confirmation; default: 180
  --without-service    on a server without systemd: install, and start nothing
  --ssh-config FILE    as ssh -F
  --identity FILE      the key to knock with; default: ~/.config/knockgate/id

A second way in, one of these:
  --recovery-key FILE  another key, to be kept elsewhere: made in that file, unless one
                       is there from a time before
  --device LINE        enrol another device: the line that its knockgate pubkey prints
  --trust NETWORK,…    networks that are never shut out
  --no-second-way      none: losing your key is then being locked out

Example:
  knockgate deploy prod --recovery-key /media/stick/prod-recovery`,
  options: {
    'dry-run': 'flag',
    yes: 'flag',
    name: 'value',
    hide: 'value',
    'knock-ports': 'value',
    trial: 'value',
    'without-service': 'flag',
    'ssh-config': 'value',
    identity: 'value',
    'recovery-key': 'value',
    device: 'value',
    trust: 'value',
    'no-second-way': 'flag',
  },
  arguments: { least: 1, most: 1 },
  run: async (args, shell) => {
    const [destination = ''] = args.positionals;
    const wishes = readWishes(args);
    const deployment = await loadDeployment(shell);
    const terminal = new Terminal(shell.openStdin(), shell.ask, shell.interrupt);
    const way = new SecondWayAsked(args, shell, terminal);
    const session = await startSession(destination, args, shell, deployment, terminal, {
      chooseSecondWay: () => way.choose(),
      secureSecondWay: (chosen) => way.secure(chosen),
    });
    const { report, gate } = await deployment.deploy({
      ...session,
      wishes,
      secondWay: way.named(),
    });
    shell.print(report);
    if (gate !== undefined && wishes.withoutService !== true)
      shell.tell(`Next: knockgate knock ${session.host} && ssh ${destination}`);
    return ExitCode.done;
  },
};

function readWishes(args: Arguments): Partial<Wishes> {
  const list = (name: string) => args.value(name)?.split(',');
  const hide = list('hide');
  const knockPorts = list('knock-ports');
  const trust = list('trust');
  const trial = args.value('trial');
  return {
    ...(hide === undefined ? {} : { ports: hide.map((text) => formatPort(parsePort(text, '--hide'))) }),
    ...(knockPorts === undefined
      ? {}
      : { knockPorts: knockPorts.map((text) => parsePortNumber(text, '--knock-ports')) }),
    ...(trust === undefined ? {} : { trusted: trust.map((text) => parseNetwork(text, '--trust')) }),
    ...(trial === undefined ? {} : { trialSeconds: parseTrial(trial) }),
    withoutService: args.flag('without-service'),
  };
}

function parseTrial(text: string): number {
  const seconds = /^[0-9]{2,4}$/.test(text) ? Number(text) : 0;
  if (seconds < 30 || seconds > 3600) throw badText('--trial', text, 'seconds from 30 to 3600');
  return seconds;
}

/** The second way in: named by an option, or asked for; and whatever belongs to it. */
class SecondWayAsked {
  private readonly args: Arguments;
  private readonly shell: Shell;
  private readonly terminal: Terminal;
  /** Made here and shown once. */
  private shown: string | undefined;

  constructor(args: Arguments, shell: Shell, terminal: Terminal) {
    this.args = args;
    this.shell = shell;
    this.terminal = terminal;
    const named = ['recovery-key', 'device', 'trust'].filter((name) => args.value(name) !== undefined);
    if (named.length + (args.flag('no-second-way') ? 1 : 0) > 1)
      throw usageProblem('knockgate deploy: choose one second way in.', 'Try: knockgate deploy --help');
  }

  named(): SecondWay | undefined {
    const device = this.args.value('device');
    const file = this.args.value('recovery-key');
    if (device !== undefined) return { kind: 'device', client: parseClientLine(device) };
    if (file !== undefined && !this.args.flag('dry-run')) return this.recovery(this.keyIn(file), file);
    if (this.args.value('trust') !== undefined) return { kind: 'trusted-network' };
    return this.args.flag('no-second-way') ? { kind: 'declined' } : undefined;
  }

  async choose(): Promise<SecondWay | undefined> {
    this.shell.tell(
      `If this computer or its key is lost, how do you get in?
  1  a recovery key, shown once, that you keep elsewhere
  2  another device, by the line that its \`knockgate pubkey\` prints
  3  not at all: then type "${DECLINE}"`,
    );
    const answer = (await this.terminal.text('1, 2 or 3:'))?.trim();
    if (answer === '1') {
      const key = newPrivateKey(this.shell.crypto);
      this.shown = formatKey(key);
      return this.recovery(key);
    }
    if (answer === '2') {
      const line = await this.terminal.text('Its line:');
      return line === undefined ? undefined : { kind: 'device', client: parseClientLine(line) };
    }
    return answer === DECLINE ? { kind: 'declined' } : undefined;
  }

  async secure(way: SecondWay): Promise<boolean> {
    if (way.kind !== 'recovery-key' || this.shown === undefined) return true;
    this.shell.print(`The recovery key, shown this once. Write it down, or keep it in a safe:\n\n    ${this.shown}\n`);
    this.shell.print('To use it: put it into a file of mode 0600, and knock with --identity FILE.');
    return this.terminal.confirm('Is it kept?');
  }

  /** One that is there was made by an attempt before this one, or for another host. */
  private keyIn(file: string): Uint8Array {
    return existsSync(file)
      ? readSecretFile(file, this.shell.owner)
      : createKeyFile(file, this.shell.owner, this.shell.crypto);
  }

  private recovery(key: Uint8Array, file?: string): SecondWay {
    const name = `${usualName(this.shell.userName(), this.shell.hostName()).slice(0, 54)}-recovery`;
    const client = { key: this.shell.crypto.publicKey(key), name };
    return { kind: 'recovery-key', client, ...(file === undefined ? {} : { file }) };
  }
}
