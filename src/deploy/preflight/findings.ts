import { contains, parseAddress } from '../../spa/addresses.ts';
import type { SshSettings } from '../connection/settings.ts';
import { parseManifest } from '../plan/manifest.ts';
import type { Wishes } from '../wishes.ts';
import type { ClockLook } from './clock.ts';
import { type Facts, listenersOn } from './facts.ts';
import { chooseNode, neededPackages } from './needs.ts';

/** What a fact means for a deployment. `ask`: it goes on only when a person says so. `stop`: it does not go on. */
export type Verdict = 'ok' | 'note' | 'ask' | 'stop';

/** One thing that was looked at, and what it means. */
export interface Finding {
  /** Stable, for programs. */
  readonly id: string;
  readonly verdict: Verdict;
  /** What was found. */
  readonly what: string;
  /** What follows, or what to do. */
  readonly so?: string;
}

/** Clocks further apart are shown, and asked about. */
const CLOCK_ASKED_FROM_MS = 20_000;
/** The daemon, its state, and room to write: well below what any of them needs in a year. */
const LEAST_FREE_KILOBYTES = 20_000;
/** A copy of Node comes on top. */
const NODE_KILOBYTES = 130_000;
/** Older ones list the table in a form that they cannot load again: gate.md. */
const OLDEST_NFT = [1, 0, 3];

/**
 * Judges everything that was seen, in the order in which a person would ask.
 * @param version of the gate that is to be there
 */
export function judge(
  facts: Facts,
  clock: ClockLook | undefined,
  settings: SshSettings,
  wishes: Wishes,
  version: string,
): Finding[] {
  return [
    system(facts),
    ...way(facts, settings, wishes),
    ...firewall(facts),
    ...programs(facts),
    clockFinding(clock),
    ...sshd(facts, wishes),
    knockPorts(facts, wishes),
    disk(facts),
    ...present(facts, version),
  ];
}

function system({ system, init, systemd }: Facts): Finding {
  const what = `${system}, started by ${init || 'an unknown init'}`;
  if (systemd) return { id: 'system', verdict: 'ok', what };
  return {
    id: 'system',
    verdict: 'stop',
    what: `${what}: not systemd`,
    so: 'The gate would not come up by itself, and nothing would watch over it. Set it up by hand, as the README says under "Use it by hand".',
  };
}

function way({ way }: Facts, settings: SshSettings, { trusted }: Wishes): Finding[] {
  const command = settings.proxyCommand;
  // Our own ProxyCommand knocks, and then connects straight.
  const through =
    settings.proxyJump ?? (command !== undefined && !/\bknockgate\S* connect\b/.test(command) ? command : undefined);
  if (through !== undefined)
    return [
      {
        id: 'way',
        verdict: 'stop',
        what: `ssh goes there through ${JSON.stringify(through)}`,
        so: 'The host sees the jump host, not this computer: a knock sent from here opens nothing for it. Set up a gate on the first jump host instead.',
      },
    ];
  if (way === undefined)
    return [
      {
        id: 'way',
        verdict: 'ask',
        what: 'sshd does not tell how we came in (SSH_CONNECTION)',
        so: 'Whether an address translation is in between cannot be told; the checks from outside will show whether it works.',
      },
    ];
  if (way.serverPort !== settings.port)
    return [
      {
        id: 'way',
        verdict: 'stop',
        what: `we connected to port ${settings.port}, and sshd was reached at port ${way.serverPort}`,
        so: 'A router or load balancer forwards the port. The gate would see other ports than you knock for; such a way is not supported.',
      },
    ];
  const client = parseAddress(way.clientAddress);
  const inside = client !== undefined && trusted.some((network) => contains(network, client));
  const literal = parseAddress(settings.hostName);
  const own = parseAddress(way.serverAddress);
  const translated = literal !== undefined && own !== undefined && Buffer.compare(literal, own) !== 0;
  return [
    {
      id: 'way',
      verdict: 'ok',
      what: `the host sees us come from ${way.clientAddress}${inside ? ', a trusted network: it will never be shut out' : ''}`,
    },
    ...(translated
      ? [
          {
            id: 'translated',
            verdict: 'note' as const,
            what: `its own address is ${way.serverAddress}, and it is reached as ${settings.hostName}`,
            so: 'An address translation stands before it: the knock ports (UDP) must be let through there too, as in a cloud firewall.',
          },
        ]
      : []),
  ];
}

function firewall(facts: Facts): Finding[] {
  const { nft, tableRefused, savedRefused, firewalls } = facts;
  const findings: Finding[] = [];
  if (nft === undefined) {
    findings.push(
      neededPackages(facts).has('nftables')
        ? {
            id: 'nft',
            verdict: 'note',
            what: 'nftables is not there',
            so: 'It is installed first, and asked whether it takes the gate’s rules before anything else.',
          }
        : { id: 'nft', verdict: 'stop', what: 'nftables is not there, and apt does not offer it', so: 'Install it.' },
    );
  } else if (isOlder(nft, OLDEST_NFT)) {
    findings.push({
      id: 'nft',
      verdict: 'stop',
      what: `nft ${nft}`,
      so: 'Below 1.0.3 it cannot load again what it lists: a saved ruleset would break at boot. Upgrade nftables.',
    });
  } else if (tableRefused !== '') {
    findings.push({
      id: 'nft',
      verdict: 'stop',
      what: `nft ${nft} does not take the gate’s rules: ${firstLine(tableRefused ?? '')}`,
      so: 'The kernel lacks something that they need; a container often has no right to it.',
    });
  } else findings.push({ id: 'nft', verdict: 'ok', what: `nft ${nft} and the kernel take the gate’s rules` });
  if (savedRefused !== undefined && savedRefused !== '')
    findings.push({
      id: 'saved',
      verdict: 'ask',
      what: `nft cannot load again the ruleset that it lists: ${firstLine(savedRefused)}`,
      so: 'That is so without the gate already: whoever saves the ruleset for the next boot should look at it.',
    });
  for (const name of firewalls)
    findings.push({
      id: 'firewall',
      verdict: 'note',
      what: `${name} is in force`,
      so: 'The gate only narrows: what that lets in must knock first, what it keeps out stays out. Its rules are not touched, and it must let the SSH port in.',
    });
  return findings;
}

function programs(facts: Facts): Finding[] {
  const needed = neededPackages(facts);
  const node = chooseNode(facts);
  const findings: Finding[] = [];
  if (facts.tcpdump) findings.push({ id: 'tcpdump', verdict: 'ok', what: 'tcpdump is there' });
  else if (needed.has('tcpdump'))
    findings.push({ id: 'tcpdump', verdict: 'note', what: 'tcpdump is not there', so: 'It is installed.' });
  else
    findings.push({
      id: 'tcpdump',
      verdict: 'stop',
      what: 'tcpdump is not there, and apt does not offer it',
      so: 'Install it: the gate hears knocks through it.',
    });
  if (node.kind === 'system')
    findings.push({ id: 'node', verdict: 'ok', what: `Node ${node.version} in ${node.path}` });
  else if (node.kind === 'copy')
    findings.push({
      id: 'node',
      verdict: 'note',
      what: `no Node of at least 18 in the system, but ${node.version} in ${node.path}`,
      so: `A copy of it that belongs to root is used (SHA-256 ${node.sha256}).`,
    });
  else if (node.kind === 'package')
    findings.push({
      id: 'node',
      verdict: 'note',
      what: 'Node is not there',
      so: `The package nodejs ${node.version} is installed.`,
    });
  else
    findings.push({
      id: 'node',
      verdict: 'stop',
      what: 'there is no Node of at least 18',
      so: 'Install one, or connect once with VS Code, which brings one along.',
    });
  if (node.kind !== 'system' && facts.exposedNodes.length > 0)
    findings.push({
      id: 'exposed-node',
      verdict: 'note',
      what: `others than its owner could change ${facts.exposedNodes.join(', ')}`,
      so: 'It is not used: what root runs must be in nobody else’s hands. Take the right to write from the group and from others, there and in the folders above.',
    });
  return findings;
}

function clockFinding(clock: ClockLook | undefined): Finding {
  if (clock === undefined)
    return {
      id: 'clock',
      verdict: 'ask',
      what: 'its clock cannot be read to the millisecond',
      so: 'Clocks more than a minute apart keep knocks from being heard.',
    };
  const off = `${(Math.abs(clock.offsetMs) / 1000).toFixed(1)} s ${clock.offsetMs < 0 ? 'behind' : 'ahead of'} ours`;
  if (Math.abs(clock.offsetMs) <= CLOCK_ASKED_FROM_MS)
    return { id: 'clock', verdict: 'ok', what: `its clock is ${off}` };
  const utc = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    id: 'clock',
    verdict: 'ask',
    what: `its clock is ${off}: here it is ${utc(clock.wallMs)}, there ${utc(clock.wallMs + clock.offsetMs)}`,
    so: 'Knocks from here are corrected by that. When the clock there is set right later, they are not heard until Diagnose has found the new difference; better set it right first.',
  };
}

function sshd({ sshPorts, way, penalties }: Facts, { ports }: Wishes): Finding[] {
  const unknown = sshPorts.length === 0 ? ' (its configuration cannot be read)' : '';
  return [
    {
      id: 'sshd',
      verdict: 'ok',
      what: `sshd is at port ${[...new Set([...sshPorts, ...(way === undefined ? [] : [way.serverPort])])].join(', ')}${unknown}; hidden will be ${ports.join(', ')}`,
    },
    ...(penalties
      ? [
          {
            id: 'penalties',
            verdict: 'note' as const,
            what: 'sshd punishes addresses that connect and leave (PerSourcePenalties)',
            so: 'Knocking stops at the first connection that gets through, so it is not noticed.',
          },
        ]
      : []),
  ];
}

function knockPorts(facts: Facts, { knockPorts }: Wishes): Finding {
  const listeners = listenersOn(facts, knockPorts);
  const names = knockPorts.map((port) => `udp/${port}`).join(', ');
  if (listeners === undefined)
    return {
      id: 'knock-ports',
      verdict: 'ask',
      what: `whether something listens on ${names} cannot be told (no ss there)`,
      so: 'What listens there would not be heard any more.',
    };
  if (listeners.length === 0) return { id: 'knock-ports', verdict: 'ok', what: `nothing listens on ${names}` };
  return {
    id: 'knock-ports',
    verdict: 'stop',
    what: `something listens on a knock port: ${firstLine(listeners.join('; '))}`,
    so: 'It would be cut off. Choose other knock ports.',
  };
}

function disk(facts: Facts): Finding {
  const free = facts.freeKilobytes;
  const least = LEAST_FREE_KILOBYTES + (chooseNode(facts).kind === 'system' ? 0 : NODE_KILOBYTES);
  if (free === undefined) return { id: 'disk', verdict: 'ask', what: 'how full its disks are cannot be told' };
  const what = `${Math.floor(free / 1024)} MB free`;
  if (free >= least) return { id: 'disk', verdict: 'ok', what };
  return {
    id: 'disk',
    verdict: 'stop',
    what,
    so: `At least ${Math.ceil(least / 1024)} MB are needed. Make room first.`,
  };
}

function present({ packaged, config, active, manifest }: Facts, version: string): Finding[] {
  if (packaged)
    return [
      {
        id: 'present',
        verdict: 'stop',
        what: 'a package has set up the gate here',
        so: 'Let the package manager upgrade it, or remove the package first.',
      },
    ];
  if (config === undefined) return [];
  const there = parseManifest(manifest)?.version;
  const isNewer = there !== undefined && isOlder(version, there.split('.').map(Number));
  return [
    {
      id: 'present',
      verdict: isNewer ? 'ask' : 'note',
      what: `a gate is set up here${there === undefined ? '' : `, version ${there},`}${active ? ' and runs' : ''}`,
      so: isNewer
        ? `This is the older version ${version}: its key, its clients and its gate.toml stay, the rest goes back.`
        : 'Its key, its clients and its gate.toml stay as they are; what is older than this version is replaced.',
    },
  ];
}

function isOlder(version: string, than: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  const differs = than.findIndex((part, i) => (parts[i] ?? 0) !== part);
  return differs >= 0 && (parts[differs] ?? 0) < (than[differs] ?? 0);
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 200);
}
