import { randomBytes, randomInt } from 'node:crypto';
import { isDaemonOnly } from '../../server-helper/firewall/tag-marks.ts';
import { parseGateLine } from '../../src/spa/enrolment.ts';
import { epochAt, SLOTS, TAG_LENGTH } from '../../src/spa/tags.ts';
import { Clients } from '../../test/rig/clients.ts';
import { Gate } from '../../test/rig/gate.ts';
import { run } from '../../test/rig/netns.ts';
import { loadNft } from '../../test/rig/nft.ts';
import { sleep } from '../../test/rig/process.ts';
import type { Ground } from '../ground.ts';
import { liveGrants } from '../live-grants.ts';
import { native } from '../native.ts';
import type { Knock } from '../prober.ts';
import type { Turn } from '../turns.ts';
import type { Junk, Load, Running, Subject } from './subject.ts';

const KNOCK_PORT = 62201;
/** With as many clients, the gate allows only the fewest slots. */
const MANY_CLIENTS = 500;
/** A client has 32 tags in 30 seconds, and knocks no more often: as many clients as a case has knocks take turns. */
export const TURNS = 50;
/** Different packets of a flood; they are sent in turn. */
const JUNK_PACKETS = 8192;
/** Between two looks at the kernel's tags. */
const LOOK_MS = 2;
/** Thousands of clients' keys and tags take a while. */
const START_MS = 180_000;
/** Epochs ahead in which one is looked for to which the kernel opens. */
const FARTHEST = 12;
/** Lengths between which genuine datagrams are; protocol.md, "Payload". */
const LENGTH = { least: 128, most: 512 } as const;
/** Elements in one command: nft reads a line at a time. */
const SLICE = 5000;

/** Ours, from addresses that the gate does not know: knockgated as its unit runs it, with the settings that it comes with. */
export const knockgate: Subject = { name: 'knockgate', turns: TURNS, start: startKnockgate };

/** Our gate, and what can be done to it beside knocking. */
export interface RunningGate extends Running {
  readonly gate: Gate;
  readonly enrolled: Clients;
  /** Enrols one more client. Resolves to the milliseconds from asking for it to the client's first tag in the kernel. */
  addClient(): Promise<number>;
  /** Knocks from these addresses so that the gate knows them, ends the grants, and waits until the kernel opens to their tags. */
  introduce(turns: readonly Turn[]): Promise<void>;
  /** A message with a tag that is bound to the address, and to which the kernel opens. */
  sealBound(n: number, from: string): Uint8Array;
  /** The first epoch to whose tags the kernel opens. */
  trusted(): number;
}

/** How our gate is made. */
export interface GateMaking {
  /** Settings of `[gate]` beside those that a benchmark needs. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** For a look inside. */
  readonly env?: NodeJS.ProcessEnv;
  /** Addresses to be known before the grants are made. */
  readonly known?: readonly Turn[];
}

/** Starts it. */
export async function startKnockgate(ground: Ground, load: Load, making: GateMaking = {}): Promise<RunningGate> {
  const { env = {}, known = [] } = making;
  const { target } = ground.pair;
  const clients = new Clients(load.clients + 1);
  const settings = {
    ports: ['tcp/22'],
    knock_ports: [KNOCK_PORT],
    slots: load.clients < MANY_CLIENTS ? SLOTS.usual : SLOTS.least,
    ...making.settings,
  };
  const gate = new Gate(target, { settings, env: { ...env, ...asItsUnit(env) } });
  clients.enrol(parseGateLine(await gate.enrolmentLine()).key);
  gate.configure(settings, clients.entries.slice(0, load.clients));
  await gate.start(START_MS);

  // Whatever was used before the table was made, the kernel does not know: it opens to tags of later epochs.
  let trusted = 0;
  const introduce = async (turns: readonly Turn[]) => {
    for (const turn of turns)
      await ground.prober.measure(turn.source, asKnock(clients.seal(turn.client, { from: turn.source })));
    const ended = await gate.cli(['flush']);
    if (ended.code !== 0) throw new Error(`knockgated flush: ${ended.stderr}`);
    for (const { client, source } of turns) {
      const tagIn = (epoch: number) => clients.firstTag(client, source, epoch);
      while (!(await opensByItself(target, tagIn(trusted)))) trusted = await firstTrusted(target, tagIn);
    }
  };
  await introduce(known);
  await grantMany(target, load.grants);
  return {
    gate,
    enrolled: clients,
    clients: load.clients,
    knock: async (n) => asKnock(clients.seal(n)),
    junk: () => datagrams(JUNK_PACKETS, () => randomBytes(randomInt(LENGTH.least, LENGTH.most + 1))),
    forged: (count) => datagrams(count, (n) => spoiled(clients.seal(n % load.clients))),
    introduce,
    trusted: () => trusted,
    sealBound: (n, from) => {
      return clients.seal(n, { kind: 'bound', from, epoch: Math.max(trusted, epochAt(Date.now())) });
    },
    addClient: async () => {
      gate.configure(settings, clients.entries);
      const start = performance.now();
      gate.reload();
      await inKernel(target, clients.firstTag(load.clients));
      return performance.now() - start;
    },
    stop: () => gate.dispose(),
  };
}

/** A datagram to the gate's knock port. */
export function asKnock(datagram: Uint8Array): Extract<Knock, { kind: 'udp' }> {
  return { kind: 'udp', port: KNOCK_PORT, datagram };
}

/** Waits until the kernel has been given a tag. */
async function inKernel(ns: string, tag: Uint8Array): Promise<void> {
  if ((await markOf(ns, tag, START_MS)) === undefined) throw new Error('the tags of a client are not loaded');
}

/** The first epoch from the present one on to whose tags the kernel opens by itself. */
export async function firstTrusted(ns: string, tagIn: (epoch: number) => Uint8Array): Promise<number> {
  const start = performance.now();
  while (performance.now() - start < START_MS) {
    const present = epochAt(Date.now());
    for (let epoch = present; epoch < present + FARTHEST; epoch += 1)
      if (await opensByItself(ns, tagIn(epoch))) return epoch;
    await sleep(LOOK_MS);
  }
  throw new Error('the kernel opens to no tag of a known address');
}

/** The mark that the kernel has for a tag; undefined when it does not get the tag within the time. */
async function markOf(ns: string, tag: Uint8Array, withinMs = 0): Promise<number | undefined> {
  const key = Buffer.from(tag).toString('hex');
  const { code, stdout, stderr } = await run(ns, [await native('element'), 'knockgate', 'tags', key, String(withinMs)]);
  if (code !== 0 && code !== 1) throw new Error(`element: exit code ${code}: ${stderr}`);
  return code === 0 ? Number(stdout) : undefined;
}

async function opensByItself(ns: string, tag: Uint8Array): Promise<boolean> {
  const mark = await markOf(ns, tag);
  return mark !== undefined && !isDaemonOnly(mark);
}

/** The environment in which Node runs as the daemon's unit has it: no memory is both written and run. */
export function asItsUnit({ NODE_OPTIONS = '' }: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--jitless ${NODE_OPTIONS}`.trim() };
}

function datagrams(count: number, make: (n: number) => Uint8Array): Junk {
  return { kind: 'udp', port: KNOCK_PORT, packets: Array.from({ length: count }, (_, n) => make(n)) };
}

/** With a right tag, and all else random: the kernel lets it through. */
function spoiled(datagram: Uint8Array): Uint8Array {
  return Buffer.concat([datagram.subarray(0, TAG_LENGTH), randomBytes(datagram.length - TAG_LENGTH)]);
}

/** Puts grants into the kernel's set as the daemon puts them there, only faster than by knocking. */
export async function grantMany(ns: string, count: number): Promise<void> {
  const grants = liveGrants(count);
  for (let at = 0; at < grants.length; at += SLICE) {
    const elements = grants.slice(at, at + SLICE).map((address) => `${address} . tcp . 22 timeout 1h`);
    await loadNft(ns, `add element inet knockgate granted4 { ${elements.join(', ')} }\n`);
  }
}
