import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { version } from '../package.json';
import { printable } from '../src/spa/printable.ts';
import { ExitCode, Problem } from '../src/spa/problem.ts';
import { auditTo } from './audit/audit.ts';
import { systemClock } from './clock.ts';
import type { Rotated } from './commands/rotate.ts';
import { run } from './commands/run.ts';
import { inTurn } from './config/turn.ts';
import { askDaemon } from './control/client.ts';
import { loadActionPart, loadFwknopPart, loadImportPart, loadManagePart } from './parts.ts';
import { type Paths, pathsFrom } from './paths.ts';
import { nothingImported, reasonOf, usage } from './problems.ts';

const OPTIONS = {
  config: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
  firewall: { type: 'string', default: 'nftables' },
  address: { type: 'string' },
  name: { type: 'string' },
  new: { type: 'boolean', default: false },
  adopt: { type: 'boolean', default: false },
  link: { type: 'boolean', default: false },
  days: { type: 'string' },
  back: { type: 'boolean', default: false },
  finish: { type: 'boolean', default: false },
  port: { type: 'string', multiple: true, default: [] as string[] },
  seconds: { type: 'string' },
  pcap: { type: 'string' },
} as const;

type Values = ReturnType<typeof readArguments>['values'];

/** The daemon's words as well: one that somebody has taken over tells root's terminal nothing. */
const say = (text: string): void => {
  process.stdout.write(`${printable(text)}\n`);
};

async function main(): Promise<ExitCode> {
  const { values, positionals } = readArguments();
  const [command, ...rest] = positionals;
  if (values.version) {
    say(`knockgated ${version}`);
    return ExitCode.done;
  }
  if (values.help || command === undefined) {
    say((await loadManagePart()).HELP);
    return values.help ? ExitCode.done : ExitCode.usage;
  }
  return await dispatch(command, rest, values);
}

async function dispatch(command: string, rest: string[], values: Values): Promise<ExitCode> {
  const paths = pathsFrom(process.env, values.config);
  const show = (result: unknown, text: string): ExitCode => {
    say(values.json ? JSON.stringify(result) : text);
    return ExitCode.done;
  };
  switch (command) {
    case 'run':
      expectArguments(rest, 0, 'run');
      if (values.pcap !== undefined) {
        const audit = (now: () => number) => auditTo((line) => process.stderr.write(line), now);
        const { judgeEvidence } = await loadManagePart();
        const judged = await judgeEvidence(paths, values.pcap, audit);
        return show(judged, `${judged.packets} UDP packets, ${judged.knocks} knocks, ${judged.granted} would open.`);
      }
      return await run(paths, firewallKind(values.firewall));
    case 'run-action':
      expectArguments(rest, 0, 'run-action');
      return await (await loadActionPart()).runAction(paths);
    case 'check': {
      expectArguments(rest, 0, 'check');
      const { check } = await loadManagePart();
      const result = await check(paths, async (stanzas) => (await loadFwknopPart()).readyKeys(stanzas));
      return show(result, `${result.file} is good: hides ${result.hides.join(' ')}, ${result.clients} clients.`);
    }
    case 'key': {
      expectArguments(rest, 0, 'key');
      const { address, name, new: makeNew, adopt, link } = values;
      const { key, linkOf } = await loadManagePart();
      const make = () => key(paths, { address, name, makeNew, adopt });
      // A rotation at the same time could bring the key back that this replaces.
      const result = await (makeNew || adopt ? inTurn(paths.key, make) : make());
      const shown = link ? linkOf(result.line) : result.line;
      return show(link ? { ...result, link: shown } : result, shown);
    }
    case 'rotate': {
      expectArguments(rest, 0, 'rotate');
      const result = await rotated(paths, values);
      return show(result, result.line);
    }
    case 'status': {
      expectArguments(rest, 0, 'status');
      const result = await askDaemon(paths.socket, { command });
      return show(result, (await loadManagePart()).showStatus(result));
    }
    case 'list': {
      expectArguments(rest, 0, 'list');
      const result = await askDaemon(paths.socket, { command });
      return show(result, (await loadManagePart()).showGrants(result));
    }
    case 'flush': {
      expectArguments(rest, 0, 'flush');
      const result = await askDaemon(paths.socket, { command });
      return show(result, 'Every grant is ended; connections that are up live on.');
    }
    case 'reload':
      expectArguments(rest, 0, 'reload');
      await askDaemon(paths.socket, { command });
      return show({}, 'The configuration is in force.');
    case 'trial': {
      const [seconds] = expectArguments(rest, 1, 'trial SECONDS');
      const result = await (await loadManagePart()).trial(paths, seconds, systemClock.uptime());
      const from = result.running ? 'from now on' : 'from when the daemon starts';
      return show(
        result,
        `On trial ${from}: in ${result.seconds} s all is as before, unless you say: knockgated confirm`,
      );
    }
    case 'confirm':
      expectArguments(rest, 0, 'confirm');
      await (await loadManagePart()).confirm(paths, () => sleep(500));
      return show({}, 'Confirmed: the ports stay hidden.');
    case 'grant': {
      const [address] = expectArguments(rest, 1, 'grant ADDRESS');
      const seconds = values.seconds === undefined ? {} : { seconds: Number(values.seconds) };
      const result = await askDaemon(paths.socket, { command, address, ports: values.port, ...seconds });
      return show(result, `Open for ${address}.`);
    }
    case 'revoke': {
      const [whom] = expectArguments(rest, 1, 'revoke ADDRESS|NETWORK|CLIENT');
      const result = await askDaemon(paths.socket, { command, whom });
      return show(result, (await loadManagePart()).showRevoked(result, whom));
    }
    case 'import-knockd': {
      const [file] = expectArguments(rest, 1, 'import-knockd KNOCKD.CONF');
      const { readKnockd, showImported } = await loadImportPart();
      const result = readKnockd(file);
      show(result, showImported(result));
      return mustHaveDoors(result.doors, file);
    }
    case 'import-fwknop': {
      const [access, daemon] = rest;
      if (access === undefined || rest.length > 2)
        throw usage('The form is: knockgated import-fwknop ACCESS.CONF [FWKNOPD.CONF]');
      const { readFwknop, showImported } = await loadImportPart();
      const result = await readFwknop(paths, access, daemon);
      show(result, showImported(result));
      return mustHaveDoors(result.doors, access);
    }
    case 'client':
      return await client(rest, values, show);
    default:
      throw usage(`There is no command ${JSON.stringify(command)}.`);
  }
}

function mustHaveDoors(doors: number, file: string): ExitCode {
  if (doors === 0) throw nothingImported(file);
  return ExitCode.done;
}

async function rotated(paths: Paths, { back, finish, address, name, days }: Values): Promise<Rotated> {
  if (back && finish) throw usage('knockgated rotate takes --back or --finish, not both.');
  const { bringIntoForce, finishRotation, rotate, rotateBack } = await loadManagePart();
  const options = { days, bringIntoForce: () => bringIntoForce(paths, { address, name }) };
  if (back) return await rotateBack(paths, options, systemClock.wall());
  return await (finish ? finishRotation(paths, options) : rotate(paths, options, systemClock.wall()));
}

async function client(
  [action, ...rest]: string[],
  values: Values,
  show: (result: unknown, text: string) => ExitCode,
): Promise<ExitCode> {
  const { addClient, listClients, listOthers, removeClient, showClients, showRemoved } = await loadManagePart();
  const paths = pathsFrom(process.env, values.config);
  const inForce = (reloaded: boolean): string => (reloaded ? 'in force now' : 'in force when the daemon starts');
  if (action === 'add') {
    // The line may come as one argument or as several: both ways of pasting it work.
    const line = rest.join(' ');
    if (line === '') throw usage('knockgated client add LINE: the line that `knockgate pubkey` prints is missing.');
    const result = await addClient(paths, line, { name: values.name, ports: values.port });
    return show(result, `${result.name} may knock: ${inForce(result.reloaded)}.`);
  }
  if (action === 'remove') {
    const [name] = expectArguments(rest, 1, 'client remove NAME');
    const result = await removeClient(paths, name);
    return show(result, showRemoved(result, inForce(result.reloaded)));
  }
  if (action === 'list') {
    expectArguments(rest, 0, 'client list');
    const clients = listClients(paths);
    return show(clients, showClients(clients, listOthers(paths)));
  }
  throw usage('knockgated client needs one of add, list, remove.');
}

function readArguments() {
  try {
    return parseArgs({ options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // What Node says behind the first sentence is about programming.
    throw usage(reasonOf(error).split('. ')[0] ?? '');
  }
}

function expectArguments(found: readonly string[], count: 0, form: string): readonly [];
function expectArguments(found: readonly string[], count: 1, form: string): readonly [string];
function expectArguments(found: readonly string[], count: number, form: string): readonly string[] {
  if (found.length !== count) throw usage(`The form is: knockgated ${form}`);
  return found;
}

function firewallKind(text: string): 'nftables' | 'memory' | 'dry-run' {
  if (text === 'nftables' || text === 'memory' || text === 'dry-run') return text;
  throw usage(`--firewall is nftables, memory or dry-run, not ${JSON.stringify(text)}.`);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const problem = error instanceof Problem ? error : undefined;
    process.stderr.write(`knockgated: ${problem?.message ?? `a fault of ours: ${reasonOf(error)}`}\n`);
    if (problem === undefined && error instanceof Error && process.env.KNOCKGATE_DEBUG !== undefined)
      process.stderr.write(`${error.stack}\n`);
    process.exitCode = problem?.text.exit ?? ExitCode.fault;
    // A daemon that failed at its start may hold timers and children; all that matters is said.
    process.exit();
  },
);
