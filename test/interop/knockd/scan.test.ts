import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figure } from '../../rig/figure.ts';
import { CLIENT4, createPair, run, TARGET4 } from '../../rig/netns.ts';
import { loadNft, setElements } from '../../rig/nft.ts';
import { isOpen, waitOpen } from '../../rig/probe.ts';
import { makeScanner, type Scan, type Scanner } from '../../rig/scanner.ts';
import { Scene } from '../../rig/scene.ts';
import { startSshd } from '../../rig/sshd.ts';
import { startKnockd } from './knockd.ts';

/** The lowest port of the window that holds every sequence, and how many it has. */
const WINDOW = { first: 7000, ports: 200 };
/** In the order in which a scan upwards comes by, as knockd's own default has them: the hardest to keep shut. */
const UPWARDS = [7010, 7050, 7120, 7180];
const DOORS = [
  { name: 'tcp', steps: UPWARDS.map((port) => `tcp/${port}`) },
  { name: 'udp', steps: UPWARDS.map((port) => `udp/${port}`) },
  { name: 'down', steps: UPWARDS.map((port) => `tcp/${port + 1}`).reverse() },
].map((door) => ({ ...door, ports: ['tcp/22'], grant: 300, step_timeout: 60 }));
const ALL_PORTS = 65_535;
/** How many UDP ports the gate knocks at. */
const KNOCK_PORTS = 2;
const SCANS = 20;
const SOURCES = [CLIENT4, '192.0.2.11'];
const PERMUTATIONS = 1000;

/** Always the same numbers: a permutation may hold a sequence by chance, and these do not. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const upwards = (first: number, count: number) => Uint16Array.from({ length: count }, (_, i) => first + i);

function shuffled(ports: Uint16Array, below: (most: number) => number): Uint16Array {
  const mixed = Uint16Array.from(ports);
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [mixed[i], mixed[j]] = [mixed[j] ?? 0, mixed[i] ?? 0];
  }
  return mixed;
}

/** A scan of TCP, then one of UDP. */
const overBoth = (ports: Uint16Array): Scan[] => [
  { protocol: 'tcp', ports },
  { protocol: 'udp', ports },
];

describe('scans of a gate with sequences of ports, its daemon killed', () => {
  let scene: Scene;
  let scanner: Scanner;

  beforeAll(async () => {
    scanner = await makeScanner();
    scene = await Scene.make({
      name: 'scans',
      clientAddresses: [`${SOURCES[1]}/24`],
      gate: { sequences: DOORS },
    });
    await scene.gate.kill9();
    // What was sent and never came would prove nothing. Behind the chains that follow sequences nobody needs an answer.
    const sent = 'meta l4proto { tcp, udp } th sport 40000';
    await loadNft(
      scene.pair.target,
      `table ip heard {
        chain heard { type filter hook prerouting priority mangle - 2; ${sent} counter; }
        chain unanswered { type filter hook prerouting priority mangle + 1; ${sent} drop; }
      }`,
    );
  });
  afterAll(async () => {
    await scene?.end();
    scanner?.discard();
  });

  const heard = async () => {
    const { stdout } = await run(scene.pair.target, ['nft', 'list', 'table', 'ip', 'heard']);
    return Number(/packets (\d+)/.exec(stdout)?.[1]);
  };
  /** Sends it, and sees that all of it arrived and none of it opened; two sources at a time, each followed by itself. */
  const opensNothing = async (what: string, ...scansOfEach: (readonly Scan[])[]) => {
    const before = await heard();
    const startedMs = performance.now();
    const { client, target } = scene.pair;
    const sent = await Promise.all(scansOfEach.map((scans, i) => scanner.scan(client, scans, SOURCES[i])));
    const seconds = (performance.now() - startedMs) / 1000;
    const all = sent.reduce((sum, each) => sum + each, 0);
    // Knock ports over UDP are dropped before.
    const toKnockPorts = scansOfEach
      .flat()
      .filter(({ protocol, ports }) => protocol === 'udp' && ports.length === ALL_PORTS);
    expect((await heard()) - before).toBe(all - KNOCK_PORTS * toKnockPorts.length);
    // A grant lives for five minutes here: one that was given is still there.
    expect(await setElements(target, 'sequence_granted4')).toEqual([]);
    expect(await scene.isOpen(TARGET4, 22, 300)).toBe(false);
    figure(`sequences, daemon killed: ${what}: ${all} packets in ${seconds.toFixed(1)} s, all heard, 0 grants`);
  };

  it('20 of all ports, upwards and in random order, open nothing', { timeout: 180_000 }, async () => {
    const below = seeded(20);
    const all = upwards(1, ALL_PORTS);
    const quarter = { length: SCANS / 4 };
    await opensNothing(
      `${SCANS / 2} scans of all ports upwards, and ${SCANS / 2} in random order`,
      Array.from(quarter, () => overBoth(all)).flat(),
      Array.from(quarter, () => overBoth(shuffled(all, below))).flat(),
    );
  });

  it('1,000 random permutations of the 200 ports that hold the sequences open nothing', async () => {
    const below = seeded(1000);
    const window = upwards(WINDOW.first, WINDOW.ports);
    const half = { length: PERMUTATIONS / 2 };
    await opensNothing(
      `${PERMUTATIONS} permutations of ${WINDOW.ports} ports`,
      Array.from(half, () => ({ protocol: 'tcp' as const, ports: shuffled(window, below) })),
      Array.from(half, () => ({ protocol: 'udp' as const, ports: shuffled(window, below) })),
    );
  });

  it.each(DOORS)('the very steps of $name, sent in the same way, open it', async ({ steps }) => {
    const scans = steps.map((step) => {
      const [protocol, port] = step.split('/');
      return { protocol: protocol === 'udp' ? 'udp' : 'tcp', ports: [Number(port)] } as const;
    });
    await scanner.scan(scene.pair.client, scans);
    expect(await scene.isOpen()).toBe(true);
    await loadNft(scene.pair.target, 'flush set inet knockgate sequence_granted4');
  });

  it('one scan upwards opens knockd', async () => {
    const pair = await createPair({ name: 'scanned' });
    const sshd = await startSshd(pair.target);
    const knockd = await startKnockd(pair.target, [{ name: 'tcp', sequence: UPWARDS.join(','), flags: 'syn' }]);
    try {
      expect(await isOpen(pair.client, TARGET4, 22, 300)).toBe(false);
      // knockd looks at every packet by itself: at the ports around its sequence, it keeps up.
      await scanner.scan(pair.client, [{ protocol: 'tcp', ports: upwards(WINDOW.first, WINDOW.ports) }]);
      expect((await waitOpen(pair.client, TARGET4, 22)).open).toBe(true);
      figure('knockd: one scan upwards opens its door');
    } finally {
      await knockd.stop();
      await sshd.stop();
      pair.destroy();
    }
  });
});
