import { inColumns } from '../base/columns.ts';
import { counted } from '../base/counted.ts';
import { ExitCode, Problem } from '../base/problem.ts';
import { Ledger } from '../client/gate/ledger.ts';
import { sshPortOf } from '../client/gate/target.ts';
import { hostMeant } from '../client/hosts/host-called.ts';
import { readHostsFile } from '../client/hosts/hosts-file.ts';
import { type AnyHost, kindOf } from '../client/hosts/kinds.ts';
import { findAddresses } from '../client/network/find-addresses.ts';
import { hostUnknown } from '../client/problems.ts';
import { STATUS } from '../command-table/client/looking.ts';
import type { Command } from './command.ts';
import { hostsPath, keyPath, ledgerPath } from './paths.ts';
import type { Shell, Tone } from './shell.ts';

/** Milliseconds that a port gets to answer: further than any usual way, and short enough to wait for. */
const MAY_TAKE_MS = 2000;
const MOST_ADDRESSES = 4;

/** A host as it looks from here. */
interface Seen {
  readonly host: string;
  readonly state: 'open' | 'hidden' | 'not hidden' | 'refuses' | 'unreachable';
  readonly address: string | null;
  readonly port: string;
  /** Seconds for which this device's last knock lets new connections in; 0 when it does not. */
  readonly secondsLeft: number;
  readonly why: string;
}

const TONES: Readonly<Record<Seen['state'], Tone>> = {
  open: 'good',
  hidden: 'good',
  'not hidden': 'bad',
  refuses: 'bad',
  unreachable: 'bad',
};

export const status: Command = {
  entry: STATUS,
  run: async (args, shell) => {
    const path = hostsPath(shell);
    const hosts = readHostsFile(path);
    const wanted = args.positionals.map((name) => {
      const host = hostMeant(name, hosts);
      if (host === undefined) throw hostUnknown(name, [...hosts.keys()], path);
      return host;
    });
    const all = wanted.length > 0 ? wanted : [...hosts.values()];
    const isJson = args.flag('json');
    if (all.length === 0 && !isJson) shell.tell(`No host in ${path} yet. Set one up: knockgate deploy HOST`);
    if (all.length > 0 && !isJson && shell.openScreen() !== undefined)
      shell.tell(`Looking at ${counted(all.length, 'host')} …`);
    const ledger = new Ledger(ledgerPath(keyPath(args, shell)), shell.clock, shell.crypto);
    const seen = await Promise.all(all.map((host) => look(host, ledger, shell)));
    if (isJson) shell.print(JSON.stringify({ hosts: seen }));
    else printTable(seen, shell);
    return ExitCode.done;
  },
};

function printTable(seen: readonly Seen[], shell: Shell): void {
  if (seen.length === 0) return;
  const rows = seen.map(({ host, state, address, port, why }) => [host, state, address ?? '-', port, why]);
  const [head = '', ...lines] = inColumns([['HOST', 'STATE', 'ADDRESS', 'PORT', 'NOTE'], ...rows]);
  shell.print(head);
  for (const [i, line] of lines.entries()) shell.print(line, TONES[seen[i]?.state ?? 'hidden']);
}

async function look(host: AnyHost, ledger: Ledger, shell: Shell): Promise<Seen> {
  const number = host.kind === 'gate' ? sshPortOf(host) : SSH_PORT;
  const about = { host: host.name, port: `tcp/${number}` };
  let addresses: readonly string[];
  try {
    addresses = await findAddresses(host.name, kindOf(host).addressesOf(host), shell, shell.signal, MOST_ADDRESSES);
  } catch (error) {
    if (!(error instanceof Problem) || shell.signal.aborted) throw error;
    return { ...about, state: 'unreachable', address: null, secondsLeft: 0, why: error.text.what };
  }
  const grants = host.kind === 'gate' ? ledger.look({ gatePublic: host.gate.key }).grants : [];
  const untilMs = Math.max(0, ...grants.filter(({ address }) => addresses.includes(address)).map(({ until }) => until));
  const secondsLeft = Math.max(0, Math.ceil((untilMs - shell.clock.wallMs()) / 1000));
  const [address = ''] = addresses;
  const probed = await shell.probe(address, number, MAY_TAKE_MS, shell.signal);
  if (probed.kind === 'open') probed.socket.destroy();
  return { ...about, address, secondsLeft, ...stateOf(probed.kind, secondsLeft) };
}

const SSH_PORT = 22;

function stateOf(kind: 'open' | 'silent' | 'refused' | 'unreachable', left: number): Pick<Seen, 'state' | 'why'> {
  if (kind === 'open' && left > 0) return { state: 'open', why: `for ${left} s more` };
  if (kind === 'open') return { state: 'not hidden', why: 'answers without a knock of this device' };
  if (kind === 'refused') return { state: 'refuses', why: 'nothing listens there' };
  if (kind === 'unreachable') return { state: 'unreachable', why: 'no way there from here' };
  return { state: 'hidden', why: left > 0 ? `though a knock should open it for ${left} s more` : '' };
}
