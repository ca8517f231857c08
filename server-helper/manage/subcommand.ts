import { setTimeout as sleep } from 'node:timers/promises';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { printable } from '../../src/spa/printable.ts';
import { ExitCode } from '../../src/spa/problem.ts';
import { auditTo } from '../audit/audit.ts';
import type { loadFwknopPart, loadImportPart } from '../bundles.ts';
import { systemClock } from '../clock.ts';
import { inTurn } from '../config/file-lock.ts';
import { loadGate } from '../config/load.ts';
import { askDaemon } from '../control/client.ts';
import type { Options } from '../options.ts';
import { type Paths, pathsFrom } from '../paths.ts';
import { nothingImported, usage } from '../problems.ts';
import { check } from './check.ts';
import { addClient, listClients, listOthers, removeClient } from './client.ts';
import { judgeEvidence } from './evidence.ts';
import { HELP } from './help.ts';
import { bringIntoForce, key, linkOf } from './key.ts';
import { misfitsOf } from './listening.ts';
import { showClients, showGrants, showRemoved, showRevoked, showStatus } from './output.ts';
import { finishRotation, type Rotated, rotate, rotateBack } from './rotate.ts';
import { confirm, trial } from './trial.ts';

/** What loads further parts of the program. */
interface Parts {
  readonly loadFwknopPart: typeof loadFwknopPart;
  readonly loadImportPart: typeof loadImportPart;
}

/** The daemon's words as well: one that somebody has taken over tells root's terminal nothing. */
const say = (text: string): void => {
  process.stdout.write(`${printable(text)}\n`);
};

/** Everything that a person may ask for beside `run`. */
export async function subcommand(
  command: string | undefined,
  rest: string[],
  values: Options,
  parts: Parts,
): Promise<ExitCode> {
  const paths = pathsFrom(process.env, values.config);
  const show = (result: unknown, text: string): ExitCode => {
    say(values.json ? JSON.stringify(result) : text);
    return ExitCode.done;
  };
  if (values.help || command === undefined) {
    say(HELP);
    return values.help ? ExitCode.done : ExitCode.usage;
  }
  switch (command) {
    case 'run': {
      const judged = await judgeEvidence(paths, values.pcap ?? '', (now) =>
        auditTo((line) => process.stderr.write(line), now),
      );
      return show(judged, `${judged.packets} UDP packets, ${judged.knocks} knocks, ${judged.granted} would open.`);
    }
    case 'check': {
      expectArguments(rest, 0, 'check');
      const result = await check(paths, async (stanzas) => (await parts.loadFwknopPart()).readyKeys(stanzas));
      const good = `${result.file} is good: hides ${result.hides.join(' ')}, ${result.clients} clients.`;
      return show(result, [good, ...result.misfits].join(' '));
    }
    case 'key': {
      expectArguments(rest, 0, 'key');
      const { address, name, new: makeNew, adopt, link } = values;
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
      return show(result, showStatus(result));
    }
    case 'list': {
      expectArguments(rest, 0, 'list');
      const result = await askDaemon(paths.socket, { command });
      return show(result, showGrants(result));
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
      const result = await trial(paths, seconds, systemClock.uptime());
      const from = result.running ? 'from now on' : 'from when the daemon starts';
      return show(
        result,
        [
          `On trial ${from}: in ${result.seconds} s all is as before, unless you say: knockgated confirm`,
          ...misfitsOf(() => loadGate(nodeCrypto, paths).config.gate.ports),
        ].join('\n'),
      );
    }
    case 'confirm':
      expectArguments(rest, 0, 'confirm');
      await confirm(paths, () => sleep(500));
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
      return show(result, showRevoked(result, whom));
    }
    case 'import-knockd': {
      const [file] = expectArguments(rest, 1, 'import-knockd KNOCKD.CONF');
      const { readKnockd, showImported } = await parts.loadImportPart();
      const result = readKnockd(file);
      show(result, showImported(result));
      return mustHaveDoors(result.doors, file);
    }
    case 'import-fwknop': {
      const [access, daemon] = rest;
      if (access === undefined || rest.length > 2)
        throw usage('The form is: knockgated import-fwknop ACCESS.CONF [FWKNOPD.CONF]');
      const { readFwknop, showImported } = await parts.loadImportPart();
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

async function rotated(paths: Paths, { back, finish, address, name, days }: Options): Promise<Rotated> {
  if (back && finish) throw usage('knockgated rotate takes --back or --finish, not both.');
  const options = { days, bringIntoForce: () => bringIntoForce(paths, { address, name }) };
  if (back) return await rotateBack(paths, options, systemClock.wall());
  return await (finish ? finishRotation(paths, options) : rotate(paths, options, systemClock.wall()));
}

async function client(
  [action, ...rest]: string[],
  values: Options,
  show: (result: unknown, text: string) => ExitCode,
): Promise<ExitCode> {
  const paths = pathsFrom(process.env, values.config);
  const inForce = (reloaded: boolean): string => (reloaded ? 'in force now' : 'in force when the daemon starts');
  if (action === 'add') {
    // The line may come as one argument or as several: both ways of pasting it work.
    const line = rest.join(' ');
    if (line === '') throw usage('knockgated client add LINE: the line that `knockgate pubkey` prints is missing.');
    const result = await addClient(paths, line, {
      name: values.name,
      ports: values.port,
      pskFile: values['psk-file'],
    });
    const added = result.known
      ? `${result.name} is enrolled already. Nothing was changed.`
      : `${result.name} may knock: ${inForce(result.reloaded)}.`;
    return show(result, added);
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

function expectArguments(found: readonly string[], count: 0, form: string): readonly [];
function expectArguments(found: readonly string[], count: 1, form: string): readonly [string];
function expectArguments(found: readonly string[], count: number, form: string): readonly string[] {
  if (found.length !== count) throw usage(`The form is: knockgated ${form}`);
  return found;
}
