import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SequencePlan } from '../../../../server-helper/firewall/firewall.ts';
import { NOWHERE } from '../../../../server-helper/firewall/sequences.ts';
import { SequencePlanter, type SequenceTree } from '../../../../server-helper/sequence/tree.ts';
import { formatPacket, formatStep, parseStep, type SequenceStep } from '../../../../src/sequence/step.ts';

const SSH = [{ protocol: 'tcp', port: 22 }] as const;

const sequence = (steps: readonly SequenceStep[], more: Partial<SequencePlan> = {}): SequencePlan => {
  const whose = { of: 'sequence', name: 'door' } as const;
  return {
    whose,
    steps,
    stepSeconds: 5,
    ports: SSH,
    seconds: 30,
    sources: [],
    once: undefined,
    log: undefined,
    ...more,
  };
};
const named = (...texts: string[]) => sequence(texts.map((text) => parseStep(text)));

/** Follows packets through a tree, by the gate's rules: a known step, else a new beginning, else nothing. */
function follow(tree: SequenceTree, packets: readonly SequenceStep[]): SequencePlan[] {
  const opened: SequencePlan[] = [];
  let at = NOWHERE;
  for (const packet of packets) {
    const step = (from: number) =>
      tree.steps.find((each) => each.from === from && formatPacket(each.packet) === formatPacket(packet));
    at = (step(at) ?? step(NOWHERE))?.to ?? NOWHERE;
    const arrival = tree.arrivals.get(at);
    if (arrival !== undefined && 'sequence' in arrival) {
      opened.push(arrival.sequence);
      at = NOWHERE;
    }
  }
  return opened;
}

const port = fc.record({
  protocol: fc.constantFrom('tcp' as const, 'udp' as const),
  port: fc.integer({ min: 1, max: 4 }),
});
const steps = fc.array(port, { minLength: 3, maxLength: 3 });
const texts = (list: readonly SequenceStep[]) => list.map(formatStep).join(' ');

describe('the tree of sequences', () => {
  it('leads every sequence to its end, also among those that begin alike', () => {
    const many = fc.uniqueArray(steps, { selector: texts, minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(many, (lists) => {
        const all = lists.map((list) => sequence(list));
        const tree = new SequencePlanter().plant(all);
        for (const each of all) expect(follow(tree, each.steps)).toEqual([each]);
      }),
    );
  });

  it('ends a sequence once, however often its last packet is sent', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 2 }), (list, times) => {
        const [last] = list.slice(-1);
        const again = Array.from({ length: times }, () => last ?? { protocol: 'tcp' as const, port: 9 });
        expect(follow(new SequencePlanter().plant([sequence(list)]), [...list, ...again])).toHaveLength(1);
      }),
    );
  });

  it('leads nothing else anywhere: the last packets are the steps, or nothing opens', () => {
    const packets = fc.array(port, { maxLength: 12 });
    fc.assert(
      fc.property(steps, packets, (list, sent) => {
        const opened = follow(new SequencePlanter().plant([sequence(list)]), sent);
        if (opened.length > 0) expect(` ${texts(sent)} `).toContain(` ${texts(list)} `);
      }),
    );
  });

  it('has one step from each position for each port', () => {
    const tree = new SequencePlanter().plant([named('tcp/1', 'tcp/2', 'tcp/3'), named('tcp/1', 'tcp/2', 'tcp/4')]);
    expect(tree.steps).toHaveLength(4);
  });

  it('keeps the places of those who are on their way, when other sequences come and go', () => {
    const planter = new SequencePlanter();
    const stays = named('tcp/1', 'tcp/2', 'tcp/3');
    const before = planter.plant([named('tcp/9', 'tcp/8', 'tcp/7'), stays]);
    const after = planter.plant([stays, named('tcp/5', 'tcp/6', 'tcp/7')]);
    const way = (tree: SequenceTree) =>
      tree.steps.filter(({ packet }) => [1, 2].includes(packet.port)).map(({ to }) => to);
    expect(way(after)).toEqual(way(before));
    const reached = new Set(way(before));
    expect(after.steps.filter(({ to, packet }) => reached.has(to) && ![1, 2].includes(packet.port))).toEqual([]);
  });

  it('gives no number twice that is in use, when it begins with the first again', () => {
    const planter = new SequencePlanter(0x7fff_fffd);
    const stays = named('tcp/1', 'tcp/2', 'tcp/3');
    for (let minute = 0; minute < 4; minute++) {
      const tree = planter.plant([stays, named(`udp/${10 + minute}`, 'udp/2', 'udp/3')]);
      expect(tree.arrivals.size).toBe(6);
      expect(Math.max(...tree.arrivals.keys())).toBeLessThan(0x8000_0000);
      const again = planter.plant([stays, named('udp/5', 'udp/6', 'udp/7')]);
      const way = tree.steps.filter(({ packet }) => packet.protocol === 'tcp').slice(0, 2);
      for (const { from, packet, to } of way)
        expect(again.steps).toContainEqual({ from, packet, to, expiresIn: undefined });
    }
  });

  it('lets a shared step live as long as the longer of the two, and wait as long', () => {
    const once = (expiresIn: number, mark: number) => ({ once: { expiresIn, mark }, stepSeconds: expiresIn });
    const begin = named('udp/1', 'udp/2', 'udp/3').steps;
    const other = named('udp/1', 'udp/2', 'udp/4').steps;
    const tree = new SequencePlanter().plant([sequence(begin, once(50, 1)), sequence(other, once(20, 2))]);
    expect(tree.steps.map(({ expiresIn }) => expiresIn)).toEqual([50, 50, 50, 20]);
    expect([...tree.arrivals.values()].filter((each) => 'waitSeconds' in each)).toEqual([
      { waitSeconds: 50 },
      { waitSeconds: 50 },
    ]);
    const forGood = new SequencePlanter().plant([sequence(begin, once(50, 1)), sequence(other)]);
    expect(forGood.steps.map(({ expiresIn }) => expiresIn)).toEqual([undefined, undefined, 50, undefined]);
  });

  it('waits as long as the next step says, and tells steps apart by their conditions', () => {
    const tree = new SequencePlanter().plant([
      named('tcp/1', 'udp/2:length=3:after=500ms:within=1500ms', 'tcp/3'),
      named('tcp/1', 'udp/2:length=4:after=500ms:within=1500ms', 'tcp/3:within=60s'),
    ]);
    expect(tree.steps).toHaveLength(5);
    expect([...tree.arrivals.values()].filter((each) => 'waitSeconds' in each)).toEqual([
      { waitSeconds: 1.5, earlyMs: 500 },
      { waitSeconds: 5 },
      { waitSeconds: 60 },
    ]);
  });

  it('ends one-time sequences where their marks say, and never two at one position', () => {
    const once = (mark: number) => ({ once: { expiresIn: 60, mark } });
    const [first, second] = [named('udp/1', 'udp/2', 'udp/3').steps, named('udp/4', 'udp/5', 'udp/6').steps];
    const tree = new SequencePlanter().plant([sequence(first, once(5)), sequence(second, once(0x8000_0005))]);
    expect(tree.steps.map(({ to }) => to).filter((to) => to >= 0x8000_0000)).toEqual([0x8000_0005]);
    expect(follow(tree, second)).toEqual([]);
  });
});
