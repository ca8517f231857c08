import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { version } from '../../package.json';
import { parseDays } from '../../src/activity/days.ts';
import { reportLines } from '../../src/activity/report.ts';
import { textOf } from '../../src/activity/report-line.ts';
import { readActivity } from '../../src/activity-view/answer.ts';
import { counted } from '../../src/base/counted.ts';
import { ExitCode, Problem } from '../../src/base/problem.ts';
import { ACTIVITY, AUDIT_VERIFY, EVENTS, METRICS } from '../../src/command-table/gate/activity.ts';
import { CLIENT_ADD, CLIENT_LIST, CLIENT_REMOVE, KEY, ROTATE, SEQUENCE } from '../../src/command-table/gate/clients.ts';
import {
  CHECK,
  CONFIRM,
  FLUSH,
  GRANT,
  LIST,
  RELOAD,
  REVOKE,
  RUN,
  STATUS,
  TRIAL,
} from '../../src/command-table/gate/daemon.ts';
import {
  IMPORT_ALDABA,
  IMPORT_FWKNOP,
  IMPORT_KNOCKD,
  IMPORT_PYKNOCK,
  IMPORT_XT_PKNOCK,
} from '../../src/command-table/gate/imports.ts';
import type { Arguments } from '../../src/command-table/read-line.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { auditTo } from '../audit/audit.ts';
import { readChainEnd } from '../audit/chain.ts';
import { systemClock } from '../clock.ts';
import { inTurn } from '../config/file-lock.ts';
import { loadGate } from '../config/load.ts';
import { askDaemon } from '../control/client.ts';
import { isUserName } from '../control/protocol.ts';
import type { Imported } from '../import/imported.ts';
import type { Paths } from '../paths.ts';
import { nothingImported, usage } from '../problems.ts';
import { checkAudit, compareWithCopy, readLog, showAuditCheck } from './audit-verify.ts';
import { check } from './check.ts';
import { addClient, listClients, listOthers, removeClient } from './client.ts';
import type { Call, Command } from './command.ts';
import { lastEvents, readEvents, showEvents } from './events/command.ts';
import { judgeEvidence } from './evidence.ts';
import { FLEET_COMMANDS } from './fleet.ts';
import { bringIntoForce, key, linkOf } from './key.ts';
import { misfitsOf } from './listening.ts';
import { metricsOf, writeMetrics } from './metrics.ts';
import { showClients, showGrants, showRemoved, showRevoked, showStatus } from './output.ts';
import { finishRotation, type Rotated, rotate, rotateBack } from './rotate.ts';
import { sequenceLine } from './sequence-line.ts';
import { confirm, trial } from './trial.ts';

/** Every subcommand beside `run` and `run-action`, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  {
    entry: RUN,
    run: async ({ paths, args, show }) => {
      const pcap = args.value('pcap');
      const audit = (now: () => number) => auditTo((line) => process.stderr.write(line), now);
      if (pcap === undefined || args.value('firewall') !== undefined)
        throw usage('The form is: knockgated run, or knockgated run --pcap FILE');
      const judged = await judgeEvidence(paths, pcap, audit);
      const { packets, knocks, granted } = judged;
      show(judged, `${packets} UDP packets, ${knocks} knocks, ${granted} would open.`);
    },
  },
  {
    entry: CHECK,
    run: async ({ paths, bundles, show }) => {
      const result = await check(paths, async (stanzas) => (await bundles.loadFwknopBundle()).readyKeys(stanzas));
      const good = `${result.file} is good: hides ${result.hides.join(' ')}, ${counted(result.clients, 'client')}.`;
      show(result, [good, ...result.misfits].join(' '));
    },
  },
  {
    entry: KEY,
    run: async ({ paths, args, show }) => {
      const [makeNew, adopt, link] = [args.flag('new'), args.flag('adopt'), args.flag('link')];
      const make = () => key(paths, { address: args.value('address'), name: args.value('name'), makeNew, adopt });
      // A rotation at the same time could bring back the key that this one replaces.
      const result = await (makeNew || adopt ? inTurn(paths.key, make) : make());
      const shown = link ? linkOf(result.line) : result.line;
      show(link ? { ...result, link: shown } : result, shown);
    },
  },
  {
    entry: ROTATE,
    run: async ({ paths, args, show }) => {
      const result = await rotated(paths, args);
      show(result, result.line);
    },
  },
  {
    entry: SEQUENCE,
    run: async ({ paths, args, show }) => {
      const [name = ''] = args.positionals;
      const result = sequenceLine(paths, name, { address: args.value('address'), name: args.value('name') });
      show(result, result.line);
    },
  },
  {
    entry: CLIENT_ADD,
    run: async ({ paths, args, show }) => {
      const options = { name: args.value('name'), ports: args.values('port'), pskFile: args.value('psk-file') };
      const result = await addClient(paths, args.positionals.join(' '), options);
      const added = result.known
        ? `${result.name} is enrolled already. Nothing was changed.`
        : `${result.name} may knock: ${inForce(result.reloaded)}.`;
      show(result, added);
    },
  },
  {
    entry: CLIENT_LIST,
    run: async ({ paths, bundles, show }) => {
      const documents = existsSync(join(paths.state, 'fleet'))
        ? (await bundles.loadFleetBundle()).listFromDocuments(paths, systemClock.wall()).clients
        : [];
      const clients = [...listClients(paths), ...documents];
      show(clients, showClients(clients, listOthers(paths)));
    },
  },
  {
    entry: CLIENT_REMOVE,
    run: async ({ paths, args, show }) => {
      const [name = ''] = args.positionals;
      const result = await removeClient(paths, name);
      show(result, showRemoved(result, inForce(result.reloaded)));
    },
  },
  ...FLEET_COMMANDS,
  {
    entry: STATUS,
    run: async ({ paths, show }) => {
      const result = await askDaemon(paths.socket, { command: 'status' });
      show(result, showStatus(result));
    },
  },
  {
    entry: LIST,
    run: async ({ paths, show }) => {
      const result = await askDaemon(paths.socket, { command: 'list' });
      show(result, showGrants(result));
    },
  },
  {
    entry: ACTIVITY,
    run: async ({ paths, args, show }) => {
      const days = parseDays(args.value('days'));
      const asked = systemClock.wall();
      const answer = await askDaemon(paths.socket, { command: 'activity' });
      const activity = readActivity(answer);
      const when = { asked, answered: systemClock.wall(), version };
      const events = args.flag('json') ? [] : await lastEvents(paths);
      show(answer, textOf(reportLines({ activity, events, days, when, revoke: 'knockgated revoke ADDRESS' })));
    },
  },
  {
    entry: EVENTS,
    run: async ({ paths, args, show }) => {
      const page = await readEvents(paths, args, systemClock.wall());
      show(page, showEvents(page));
    },
  },
  {
    entry: AUDIT_VERIFY,
    run: async ({ paths, args, show, endWith }) => {
      const [file = ''] = args.positionals;
      const copy = args.value('against');
      const text = readLog(file);
      const checked = checkAudit(text, readChainEnd(paths.auditEnd));
      const faults = [...checked.faults, ...(copy === undefined ? [] : compareWithCopy(text, readLog(copy)))];
      show({ ...checked, faults }, showAuditCheck({ ...checked, faults }));
      if (faults.length > 0) endWith(ExitCode.fault);
    },
  },
  {
    entry: METRICS,
    run: async ({ paths, args, show }) => {
      const metrics = metricsOf(await askIfRunning(paths));
      const file = args.value('to');
      if (file === undefined) show(metrics, metrics.trimEnd());
      else writeMetrics(file, metrics);
    },
  },
  {
    entry: GRANT,
    run: async ({ paths, args, show }) => {
      const [address = ''] = args.positionals;
      const asked = args.value('seconds');
      const seconds = asked === undefined ? {} : { seconds: Number(asked) };
      const result = await askDaemon(paths.socket, {
        command: 'grant',
        address,
        ports: args.values('port'),
        ...seconds,
        ...asker(),
      });
      show(result, `Open for ${address}.`);
    },
  },
  {
    entry: REVOKE,
    run: async ({ paths, args, show }) => {
      const [whom = ''] = args.positionals;
      const result = await askDaemon(paths.socket, { command: 'revoke', whom, ...asker() });
      show(result, showRevoked(result, whom));
    },
  },
  {
    entry: FLUSH,
    run: async ({ paths, show }) => {
      const result = await askDaemon(paths.socket, { command: 'flush', ...asker() });
      show(result, 'Every grant is ended; connections that are up live on.');
    },
  },
  {
    entry: RELOAD,
    run: async ({ paths, show }) => {
      await askDaemon(paths.socket, { command: 'reload' });
      show({}, 'The configuration is in force.');
    },
  },
  {
    entry: TRIAL,
    run: async ({ paths, args, show }) => {
      const [text = ''] = args.positionals;
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
    entry: CONFIRM,
    run: async ({ paths, show }) => {
      await confirm(paths, () => sleep(500));
      show({}, 'Confirmed: the ports stay hidden.');
    },
  },
  {
    entry: IMPORT_KNOCKD,
    run: async (call) => {
      const [file = ''] = call.args.positionals;
      const { readKnockd, showImported } = await call.bundles.loadImportBundle();
      const result = readKnockd(file);
      showDoors(call, file, result, showImported(result));
    },
  },
  {
    entry: IMPORT_FWKNOP,
    run: async (call) => {
      const [access = '', daemon] = call.args.positionals;
      const { readFwknop, showImported } = await call.bundles.loadImportBundle();
      const { keyFiles, ...result } = await readFwknop(call.paths, access, daemon);
      showDoors(call, access, { ...result, key_files: keyFiles }, showImported(result));
    },
  },
  {
    entry: IMPORT_PYKNOCK,
    run: async (call) => {
      const [file = '', rules] = call.args.positionals;
      const { readPyknock, showImported } = await call.bundles.loadImportBundle();
      const result = readPyknock(file, rules, call.args.values('client'));
      showDoors(call, file, result, showImported(result));
    },
  },
  {
    entry: IMPORT_XT_PKNOCK,
    run: async (call) => {
      const [file = ''] = call.args.positionals;
      const { readXtPknock, showImported } = await call.bundles.loadImportBundle();
      const result = readXtPknock(file, call.args.values('client'));
      showDoors(call, file, result, showImported(result));
    },
  },
  {
    entry: IMPORT_ALDABA,
    run: async (call) => {
      const [server = '', client = ''] = call.args.positionals;
      const { readAldaba, showImported } = await call.bundles.loadImportBundle();
      const result = readAldaba(server, client, call.args.values('client'));
      showDoors(call, server, result, showImported(result));
    },
  },
];

/** The administrator who asks, for the log: the one who called sudo, or else the user. */
function asker(): { by?: string } {
  const by = process.env.SUDO_USER ?? process.env.USER;
  return isUserName(by) ? { by } : {};
}

/** Undefined when no daemon runs. One that may not be asked is an error: it may well run. */
async function askIfRunning(paths: Paths): Promise<unknown> {
  try {
    return await askDaemon(paths.socket, { command: 'activity' });
  } catch (error) {
    if (error instanceof Problem && error.text.code === 'not-running') return undefined;
    throw error;
  }
}

function inForce(reloaded: boolean): string {
  return reloaded ? 'in force now' : 'in force when the daemon starts';
}

/** @throws Problem `nothing-imported` when no door came out that opens */
function showDoors<T extends Imported>({ args, show }: Call, file: string, result: T, text: string): void {
  // Programs get one object: the error has the reasons, which people see as comments.
  if (result.doors === 0 && args.flag('json')) throw nothingImported(file, result.notes);
  show(result, text);
  if (result.doors === 0) throw nothingImported(file);
}

async function rotated(paths: Paths, args: Arguments): Promise<Rotated> {
  const [back, finish] = [args.flag('back'), args.flag('finish')];
  const naming = { address: args.value('address'), name: args.value('name') };
  if (back && finish) throw usage('knockgated rotate takes --back or --finish, not both.');
  const options = { days: args.value('days'), bringIntoForce: () => bringIntoForce(paths, naming) };
  if (back) return await rotateBack(paths, options, systemClock.wall());
  return await (finish ? finishRotation(paths, options) : rotate(paths, options, systemClock.wall()));
}
