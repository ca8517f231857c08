import { flood } from '../rig/flood.ts';
import { TARGET4 } from '../rig/netns.ts';
import { setElements } from '../rig/nft.ts';
import type { Datagram } from '../rig/pcap.ts';
import { isOpen } from '../rig/probe.ts';
import { sleep } from '../rig/process.ts';
import { type Hosts, KNOCK_PORT, STRANGER4, STRANGER6 } from './hosts.ts';
import { hold, type Timeline } from './timeline.ts';

const FLOOD_MS = 3000;
/** When the knock goes out: the flood is at full speed by then. */
const KNOCK_AFTER_MS = 800;
/** A flood with fewer datagrams would show nothing. */
const LEAST_JUNK = 10_000;

/** Counts of the daemon and the kernel: `knockgated status --json`. */
interface Counts {
  packets: { received: number; granted: number };
  kernel: { opened: number; junk: number };
}

/** How the flood went. */
export interface Flooded {
  sent: number;
  /** Packets a second. */
  rate: number;
  /** From knock to open port, in milliseconds. */
  afterMs: number;
}

export async function replayAndFlood(timeline: Timeline, hosts: Hosts, knocks: readonly Datagram[]): Promise<Flooded> {
  timeline.scene('Somebody who saw the knock, and somebody who only makes noise');
  await timeline.step('the recorded knock, sent again', () => replay(hosts, knocks));
  return await timeline.step(`${FLOOD_MS / 1000} s of junk, a knock right through it`, () => knockUnderFire(hosts));
}

/** Sends each datagram again, from its own address and port and from a stranger's. */
async function replay(hosts: Hosts, knocks: readonly Datagram[]) {
  const { pair } = hosts;
  hold(knocks.length > 0, 'the knock was not recorded');
  const before = await counts(hosts);
  for (const { from, to, sourcePort, port, payload } of knocks) {
    const again = { host: to, port, count: 1, bodies: [payload] };
    for (const source of [from, to.includes(':') ? STRANGER6 : STRANGER4]) {
      const { sent } = await flood(pair.client, { ...again, source, sourcePort });
      hold(sent === 1, 'the replay was not sent');
    }
  }
  await sleep(200);
  const after = await counts(hosts);
  const opened = after.kernel.opened - before.kernel.opened;
  const granted = after.packets.granted - before.packets.granted;
  hold(opened === 0, `the kernel opened to ${opened} replays`);
  hold(granted === 0, `the daemon granted ${granted} replays`);
  hold((await setElements(pair.target, 'granted4')).length === 0, 'the replay let somebody in');
  hold(!(await isOpen(pair.client, TARGET4, 22, 400)), 'the replay opened the port');
  return {
    found: 'nothing opens',
    quote: `${knocks.length * 2} datagrams, from the same address and from another\ntheir tags are used: neither the kernel nor the daemon opens`,
  };
}

async function knockUnderFire(hosts: Hosts) {
  const { pair, client } = hosts;
  const before = await counts(hosts);
  const junk = { host: TARGET4, port: KNOCK_PORT, count: Number.MAX_SAFE_INTEGER, timeMs: FLOOD_MS };
  let raging = true;
  const storm = flood(pair.client, junk).finally(() => {
    raging = false;
  });
  await sleep(KNOCK_AFTER_MS);
  const { code, json, stderr } = await client.json(['knock', 'target']);
  const inTime = raging;
  const { sent, ms } = await storm;
  hold(code === 0 && json?.open === true, `the knock should open the port, but: exit ${code} ${stderr}`);
  hold(inTime, 'the knock took longer than the flood');
  hold(sent >= LEAST_JUNK, `only ${sent} datagrams could be sent`);

  const after = await counts(hosts);
  const received = after.packets.received - before.packets.received;
  const dropped = after.kernel.junk - before.kernel.junk;
  const knocks = Number(json.knocks);
  hold(received <= knocks, `${received} datagrams reached the daemon; the knock had ${knocks}`);
  hold(dropped >= LEAST_JUNK, `the kernel counted only ${dropped} as junk`);
  const afterMs = Math.round(Number(json.afterMs));
  const rate = Math.round((sent / ms) * 1000);
  const number = (value: number) => value.toLocaleString('en');
  return {
    found: `open after ${afterMs} ms`,
    quote: `${number(sent)} datagrams, ${number(rate)} a second; the kernel dropped them\n${received} reached the daemon: the knock's own`,
    gives: { sent, rate, afterMs },
  };
}

async function counts({ gate }: Hosts): Promise<Counts> {
  const { code, stdout, stderr } = await gate.cli(['status', '--json']);
  hold(code === 0, `knockgated status: exit ${code}: ${stderr}`);
  return JSON.parse(stdout) as Counts;
}
