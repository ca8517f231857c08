import { expect } from 'vitest';
import { parseGateConfig } from '../../../server-helper/config/gate-config.ts';
import { showImported } from '../../../server-helper/import/imported.ts';
import { importKnockd } from '../../../server-helper/import/knockd.ts';
import { Gate } from '../../rig/gate.ts';
import { createPair, TARGET4, TARGET6 } from '../../rig/netns.ts';
import { sleep } from '../../rig/process.ts';
import { Reach, type Way } from '../../rig/reach.ts';
import { type Firewall, firewallOf } from './firewalls.ts';
import { andMark, confOf, type Door, KnockdHost, stepsOf } from './knockd-host.ts';

/** A door and how it is knocked at. */
export interface TimedDoor extends Door {
  readonly over?: 'IPv4' | 'IPv6';
  /** How often in a row; once unless said otherwise. */
  readonly times?: number;
}

const PORTS = ['tcp/22', 'udp/53'];
const KNOCK_PORT = 40_000;
/** Seconds for a door that knockd leaves open. */
const USUAL_GRANT = 12;
const PATIENCE_MS = 120_000;
const PAUSE_MS = 100;

/** Each door is knocked at from an address of its own. */
const wayOf = (door: number, over: 'IPv4' | 'IPv6' = 'IPv4'): Way =>
  over === 'IPv4'
    ? { source: `192.0.2.${20 + door}`, host: TARGET4 }
    : { source: `2001:db8::${(0x100 + door).toString(16)}`, host: TARGET6 };

const mark = (door: number) => `opened${door}`;

/**
 * Knocks first at an imported gate and then at a real knockd. So whatever is open at the gate is open at knockd too, unless the gate
 * leaves it open for longer. That holds on a busy machine: what is late is knockd's `stop_command`.
 * knockd is looked at before the gate, again and again until the gate is shut.
 * @returns seconds that each door is open at the gate; undefined: it is not carried over
 */
export async function compareDurations(
  name: string,
  doors: readonly TimedDoor[],
): Promise<readonly (number | undefined)[]> {
  const clientAddresses = doors.flatMap((_, i) => [`${wayOf(i).source}/24`, `${wayOf(i, 'IPv6').source}/64`]);
  const host = await KnockdHost.boot(name, clientAddresses);
  const pair = await createPair({ name: `${name}ours`, clientAddresses });
  const gate = new Gate(pair.target);
  try {
    await host.sleepForReal();
    await gate.enrolmentLine();
    const tables = showImported(importKnockd(confOf(doors), 'knockd.conf'));
    const config = `[gate]\nports = ${JSON.stringify(PORTS)}\nknock_ports = [${KNOCK_PORT}]\ngrant = ${USUAL_GRANT}\n${tables}\n`;
    gate.configureText(config);
    await gate.start();
    await host.start(doors.map((door, i) => ({ ...door, ...marked(door, i) })));
    const both = new BothOpen(host, await Reach.make(pair.client, pair.target), doors);
    for (const firewall of new Set(doors.map(({ command }) => firewallOf(command)))) await both.compare(firewall);
    expect(both.seen.size, 'nothing was seen open').toBeGreaterThan(0);
    const { sequences } = parseGateConfig(config, 'gate.toml');
    return doors.map((_, i) => sequences.find((each) => each.name === `door${i}`)?.grant);
  } finally {
    await gate.dispose();
    pair.destroy();
    await host.end();
  }
}

/** The same commands, and then there is a file: from then on the door has been open. */
function marked({ command, command6 }: Door, i: number): Partial<Door> {
  const second = command6 === undefined || command6 === '' ? command6 : andMark(command6, mark(i));
  return { command: andMark(command, mark(i)), command6: second };
}

class BothOpen {
  /** Ports that were seen open at the gate. */
  readonly seen = new Set<string>();

  constructor(
    private readonly host: KnockdHost,
    private readonly gate: Reach,
    private readonly doors: readonly TimedDoor[],
  ) {}

  /** Of the doors of one firewall. */
  async compare(firewall: Firewall): Promise<void> {
    const places = [...this.doors.keys()].filter((i) => firewallOf(this.doors[i]?.command ?? '') === firewall);
    await this.host.firewalls.shut(firewall);
    const knocks = places.flatMap((i) => Array.from({ length: this.doors[i]?.times ?? 1 }, () => i));
    const ways = new Map(places.map((i) => [i, wayOf(i, this.doors[i]?.over)]));
    for (const knocker of [this.gate.outsider, this.host.reach.outsider])
      for (const i of knocks) await knocker.walk(ways.get(i)?.host ?? '', stepsOf(i), ways.get(i)?.source);
    await this.untilOpened(places);
    const all = [...ways.values()];
    const start = performance.now();
    for (;;) {
      const theirs = await this.host.reach.through(all, PORTS);
      const ours = await this.gate.through(all, PORTS);
      for (const each of ours) this.seen.add(each);
      const longer = ours.filter((each) => !theirs.includes(each));
      const which = places.filter((i) => longer.some((each) => each.startsWith(`${ways.get(i)?.source} `)));
      expect(
        which.map((i) => this.doors[i]),
        'open at the gate when knockd has shut them',
      ).toEqual([]);
      if (ours.length === 0) return;
      if (performance.now() - start > PATIENCE_MS) throw new Error(`the gate does not shut ${ours.join(', ')}`);
      await sleep(PAUSE_MS);
    }
  }

  private async untilOpened(places: readonly number[]): Promise<void> {
    const start = performance.now();
    while (!places.every((i) => this.host.is(mark(i)))) {
      if (performance.now() - start > PATIENCE_MS) {
        const late = places.filter((i) => !this.host.is(mark(i))).map((i) => this.doors[i]?.command);
        throw new Error(`knockd does not run ${late.join('\n')}`);
      }
      await sleep(PAUSE_MS);
    }
  }
}
