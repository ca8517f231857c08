import { setTimeout as sleep } from 'node:timers/promises';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { auditTo } from '../audit/audit.ts';
import { systemClock } from '../clock.ts';
import { inTurn } from '../config/file-lock.ts';
import { loadGate } from '../config/load.ts';
import { askDaemon } from '../control/client.ts';
import type { Paths } from '../paths.ts';
import { nothingImported, usage } from '../problems.ts';
import { check } from './check.ts';
import { addClient, listClients, listOthers, removeClient } from './client.ts';
import { type Command, takesNone, takesOne } from './command.ts';
import { judgeEvidence } from './evidence.ts';
import { bringIntoForce, key, linkOf } from './key.ts';
import { misfitsOf } from './listening.ts';
import type { Options } from './options.ts';
import { showClients, showGrants, showRemoved, showRevoked, showStatus } from './output.ts';
import { finishRotation, type Rotated, rotate, rotateBack } from './rotate.ts';
import { confirm, trial } from './trial.ts';

/** Every subcommand beside `run` and `run-action`, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'run',
    form: '--pcap FILE',
    arguments: takesNone.arguments,
    help: ['says what the gate would have made of recorded packets; opens nothing'],
    options: ['pcap'],
    run: async ({ paths, options, show }) => {
      const audit = (now: () => number) => auditTo((line) => process.stderr.write(line), now);
      if (options.pcap === undefined) throw usage('The form is: knockgated run, or knockgated run --pcap FILE');
      const judged = await judgeEvidence(paths, options.pcap, audit);
      const { packets, knocks, granted } = judged;
      show(judged, `${packets} UDP packets, ${knocks} knocks, ${granted} would open.`);
    },
  },
  {
    name: 'check',
    ...takesNone,
    help: ['reads the configuration and says what is wrong with it'],
    options: [],
    run: async ({ paths, bundles, show }) => {
      const result = await check(paths, async (stanzas) => (await bundles.loadFwknopBundle()).readyKeys(stanzas));
      const good = `${result.file} is good: hides ${result.hides.join(' ')}, ${result.clients} clients.`;
      show(result, [good, ...result.misfits].join(' '));
    },
  },
  {
    name: 'key',
    ...takesNone,
    help: [
      "prints the line to give to clients; makes the gate's key if there is none",
      '[--address A[,B]] [--name NAME] [--new] [--adopt] [--link]',
    ],
    options: ['address', 'name', 'new', 'adopt', 'link'],
    run: async ({ paths, options, show }) => {
      const { address, name, new: makeNew, adopt, link } = options;
      const make = () => key(paths, { address, name, makeNew, adopt });
      // A rotation at the same time could bring the key back that this replaces.
      const result = await (makeNew || adopt ? inTurn(paths.key, make) : make());
      const shown = link ? linkOf(result.line) : result.line;
      show(link ? { ...result, link: shown } : result, shown);
    },
  },
  {
    name: 'rotate',
    ...takesNone,
    help: [
      'makes a new key, prints its line, and keeps the one before good; [--days 14]',
      '[--back] to the one before; [--finish]: the one before is no good any more',
    ],
    options: ['back', 'finish', 'address', 'name', 'days'],
    run: async ({ paths, options, show }) => {
      const result = await rotated(paths, options);
      show(result, result.line);
    },
  },
  {
    name: 'client add',
    // The line may come as one argument or as several: both ways of pasting it work.
    form: 'LINE',
    arguments: { least: 1, most: 16 },
    help: [
      'lets a client knock: the line that its `knockgate pubkey` prints',
      '[--name NAME] [--port tcp/22] [--psk-file FILE]',
    ],
    options: ['name', 'port', 'psk-file'],
    run: async ({ paths, args, options, show }) => {
      const { name, port: ports, 'psk-file': pskFile } = options;
      const result = await addClient(paths, args.join(' '), { name, ports, pskFile });
      const added = result.known
        ? `${result.name} is enrolled already. Nothing was changed.`
        : `${result.name} may knock: ${inForce(result.reloaded)}.`;
      show(result, added);
    },
  },
  {
    name: 'client list',
    ...takesNone,
    help: ['who may knock'],
    options: [],
    run: async ({ paths, show }) => {
      const clients = listClients(paths);
      show(clients, showClients(clients, listOthers(paths)));
    },
  },
  {
    name: 'client remove',
    ...takesOne('NAME'),
    help: ['ends that'],
    options: [],
    run: async ({ paths, args: [name = ''], show }) => {
      const result = await removeClient(paths, name);
      show(result, showRemoved(result, inForce(result.reloaded)));
    },
  },
  {
    name: 'status',
    ...takesNone,
    help: ['how the running daemon is'],
    options: [],
    run: async ({ paths, show }) => {
      const result = await askDaemon(paths.socket, { command: 'status' });
      show(result, showStatus(result));
    },
  },
  {
    name: 'list',
    ...takesNone,
    help: ['who is let in at the moment, and for how long'],
    options: [],
    run: async ({ paths, show }) => {
      const result = await askDaemon(paths.socket, { command: 'list' });
      show(result, showGrants(result));
    },
  },
  {
    name: 'grant',
    ...takesOne('ADDRESS'),
    help: ['opens by hand; [--port tcp/22] [--seconds 30]'],
    options: ['port', 'seconds'],
    run: async ({ paths, args: [address = ''], options, show }) => {
      const seconds = options.seconds === undefined ? {} : { seconds: Number(options.seconds) };
      const result = await askDaemon(paths.socket, { command: 'grant', address, ports: options.port, ...seconds });
      show(result, `Open for ${address}.`);
    },
  },
  {
    name: 'revoke',
    ...takesOne('ADDRESS|CLIENT'),
    help: ['ends grants; connections that are up live on'],
    options: [],
    run: async ({ paths, args: [whom = ''], show }) => {
      const result = await askDaemon(paths.socket, { command: 'revoke', whom });
      show(result, showRevoked(result, whom));
    },
  },
  {
    name: 'flush',
    ...takesNone,
    help: ['ends all grants'],
    options: [],
    run: async ({ paths, show }) => {
      const result = await askDaemon(paths.socket, { command: 'flush' });
      show(result, 'Every grant is ended; connections that are up live on.');
    },
  },
  {
    name: 'reload',
    ...takesNone,
    help: ['brings a changed configuration into force; a bad one changes nothing'],
    options: [],
    run: async ({ paths, show }) => {
      await askDaemon(paths.socket, { command: 'reload' });
      show({}, 'The configuration is in force.');
    },
  },
  {
    name: 'trial',
    ...takesOne('SECONDS'),
    help: ['hides the ports for so long and no longer, unless it is confirmed'],
    options: [],
    run: async ({ paths, args: [text = ''], show }) => {
      const result = await trial(paths, text, systemClock.uptime());
      const from = result.running ? 'from now on' : 'from when the daemon starts';
      const lines = [
        `On trial ${from}: in ${result.seconds} s all is as before, unless you say: knockgated confirm`,
        ...misfitsOf(() => loadGate(nodeCrypto, paths).config.gate.ports),
      ];
      show(result, lines.join('\n'));
    },
  },
  {
    name: 'confirm',
    ...takesNone,
    help: ['ends the trial: the ports stay hidden'],
    options: [],
    run: async ({ paths, show }) => {
      await confirm(paths, () => sleep(500));
      show({}, 'Confirmed: the ports stay hidden.');
    },
  },
  {
    name: 'import-knockd',
    ...takesOne('FILE'),
    help: ['prints the doors of a knockd.conf for gate.toml, and what could not be carried over'],
    options: [],
    run: async ({ args: [file = ''], bundles, show }) => {
      const { readKnockd, showImported } = await bundles.loadImportBundle();
      const result = readKnockd(file);
      show(result, showImported(result));
      mustHaveDoors(result.doors, file);
    },
  },
  {
    name: 'import-fwknop',
    form: 'ACCESS.CONF [FWKNOPD.CONF]',
    arguments: { least: 1, most: 2 },
    help: ['the same for fwknopd; its keys go into files beside gate.toml'],
    options: [],
    run: async ({ paths, args: [access = '', daemon], bundles, show }) => {
      const { readFwknop, showImported } = await bundles.loadImportBundle();
      const result = await readFwknop(paths, access, daemon);
      show(result, showImported(result));
      mustHaveDoors(result.doors, access);
    },
  },
];

function inForce(reloaded: boolean): string {
  return reloaded ? 'in force now' : 'in force when the daemon starts';
}

function mustHaveDoors(doors: number, file: string): void {
  if (doors === 0) throw nothingImported(file);
}

async function rotated(paths: Paths, { back, finish, address, name, days }: Options): Promise<Rotated> {
  if (back && finish) throw usage('knockgated rotate takes --back or --finish, not both.');
  const options = { days, bringIntoForce: () => bringIntoForce(paths, { address, name }) };
  if (back) return await rotateBack(paths, options, systemClock.wall());
  return await (finish ? finishRotation(paths, options) : rotate(paths, options, systemClock.wall()));
}
