import { showImported } from '../../../server-helper/import/imported.ts';
import { importKnockd } from '../../../server-helper/import/knockd.ts';
import { Gate } from '../../rig/gate.ts';
import { CLIENT4, CLIENT6, TARGET4, TARGET6 } from '../../rig/netns.ts';
import { loadNft } from '../../rig/nft.ts';
import { firewallOf } from './firewalls.ts';
import { confOf, type Door, KnockdHost, markStop } from './knockd-host.ts';

/** Of each family, somebody who knocks and somebody who does not. */
const OTHERS = ['192.0.2.11', '2001:db8::11'] as const;
const WAYS = [
  { source: CLIENT4, host: TARGET4 },
  { source: OTHERS[0], host: TARGET4 },
  { source: CLIENT6, host: TARGET6 },
  { source: OTHERS[1], host: TARGET6 },
];
const KNOCKERS = WAYS.filter(({ source }) => source === CLIENT4 || source === CLIENT6);
/** Hears nothing but SPA messages, and so is none of the ports that are tried. */
const KNOCK_PORT = 40_000;

/** Packets that get through after a knock: `after 192.0.2.1: 192.0.2.1 tcp/22`. */
export interface Reaches {
  readonly knockd: readonly string[];
  readonly gate: readonly string[];
}

/**
 * Has a real knockd run the command of each door after a real knock, imports the same knockd.conf to a gate, and has the same knock
 * open that.
 * @param ports that are tried, and that the gate hides
 * @returns what gets through after each, by the doors' places
 */
export async function compareReach(
  name: string,
  doors: readonly Door[],
  ports: readonly string[],
): Promise<readonly Reaches[]> {
  const host = await KnockdHost.boot(name, [`${OTHERS[0]}/24`, `${OTHERS[1]}/64`]);
  try {
    const knockd = await reachOfKnockd(host, doors, ports);
    const gate = await reachOfGate(host, doors, ports);
    return doors.map((_, i) => ({ knockd: knockd.get(i) ?? [], gate: gate.get(i) ?? [] }));
  } finally {
    await host.end();
  }
}

async function reachOfKnockd(
  host: KnockdHost,
  doors: readonly Door[],
  ports: readonly string[],
): Promise<Map<number, string[]>> {
  await host.start(doors.map(({ command, command6 }) => ({ command, command6, more: markStop })));
  const reached = new Map<number, string[]>();
  // One firewall after the other: a change of firewalld's takes a second.
  const places = [...doors.entries()]
    .map(([place, { command }]) => ({ place, firewall: firewallOf(command) }))
    .sort((a, b) => (a.firewall < b.firewall ? -1 : 1));
  for (const { place, firewall } of places) {
    const all: string[] = [];
    for (const way of KNOCKERS) {
      const through = await host.whileOpen(place, way, firewall, () => host.reach.through(WAYS, ports));
      all.push(...through.map((each) => `after ${way.source}: ${each}`));
    }
    reached.set(place, all);
  }
  await host.stop();
  await host.firewalls.open();
  return reached;
}

async function reachOfGate(
  host: KnockdHost,
  doors: readonly Door[],
  ports: readonly string[],
): Promise<Map<number, string[]>> {
  const ns = host.target.pair.target;
  const gate = new Gate(ns);
  try {
    await gate.enrolmentLine();
    const tables = showImported(importKnockd(confOf(doors), 'knockd.conf'));
    gate.configureText(`[gate]\nports = ${JSON.stringify(ports)}\nknock_ports = [${KNOCK_PORT}]\n${tables}\n`);
    await gate.start();
    const reached = new Map<number, string[]>();
    for (const place of doors.keys()) {
      const all: string[] = [];
      for (const way of KNOCKERS) {
        await loadNft(ns, 'flush set inet knockgate sequence_granted4; flush set inet knockgate sequence_granted6');
        await host.knock(place, way.host, way.source);
        all.push(...(await host.reach.through(WAYS, ports)).map((each) => `after ${way.source}: ${each}`));
      }
      reached.set(place, all);
    }
    return reached;
  } finally {
    await gate.dispose();
  }
}
