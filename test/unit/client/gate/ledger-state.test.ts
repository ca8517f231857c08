import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addGrant,
  formatGate,
  type Grant,
  newGate,
  parseGate,
  takeSlots,
} from '../../../../src/client/gate/ledger-state.ts';
import { ordinary } from '../support.ts';

const EPOCH = 59_833_333;

/** Any choice of slots, from numbers that fast-check draws. */
function chooser(draws: readonly number[]): (most: number) => number {
  let i = 0;
  return (most) => (draws[i++ % draws.length] ?? 0) % most;
}

describe('taking slots', () => {
  it('never gives a place twice, whatever is drawn, and stays within this epoch and the next', () => {
    const calls = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 20 });
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 64 }),
        calls,
        fc.array(fc.nat(), { minLength: 1 }),
        (slots, counts, draws) => {
          const gate = newGate();
          const places = counts.flatMap((count) => takeSlots(gate, 'C', EPOCH, slots, ordinary(count), chooser(draws)));
          const wanted = counts.reduce((sum, count) => sum + count, 0);
          expect(places).toHaveLength(Math.min(wanted, 2 * slots));
          expect(new Set(places.map(({ epoch, slot }) => `${epoch} ${slot}`)).size).toBe(places.length);
          for (const [i, { epoch, slot }] of places.entries()) {
            expect(epoch).toBe(i < slots ? EPOCH : EPOCH + 1);
            expect(slot >= 0 && slot < slots).toBe(true);
          }
        },
      ),
    );
  });

  it('takes the lowest four first, at random, and so on', () => {
    const gate = newGate();
    const random = (most: number) => Math.floor(Math.random() * most);
    const order = Array.from({ length: 6 }, () => takeSlots(gate, 'C', EPOCH, 8, ordinary(1), random)[0]?.slot ?? -1);
    const rest = takeSlots(gate, 'C', EPOCH, 8, ordinary(2), random).map(({ slot }) => slot);
    const sorted = (slots: readonly number[]) => [...slots].sort();
    expect([sorted(order.slice(0, 4)), sorted([...order.slice(4), ...rest])]).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
    const firsts = Array.from({ length: 100 }, () => takeSlots(newGate(), 'C', EPOCH, 8, ordinary(1), random)[0]?.slot);
    expect(new Set(firsts)).toEqual(new Set([0, 1, 2, 3]));
  });

  it('keeps bound tags apart for each place, and takes ordinary ones when they are used up', () => {
    const gate = newGate();
    const bound = (boundTo: string, isSpare: boolean) => Array.from({ length: 9 }, () => ({ boundTo, isSpare }));
    const kinds = (places: readonly { kind: string; epoch: number }[]) =>
      places.map(({ kind, epoch }) => `${kind} ${epoch - EPOCH}`);
    const eight = Array.from({ length: 8 }, () => 'bound 0');
    expect(kinds(takeSlots(gate, 'C', EPOCH, 8, bound('192.0.2.1', false), () => 0))).toEqual([...eight, 'ordinary 0']);
    expect(kinds(takeSlots(gate, 'C', EPOCH, 8, bound('192.0.2.2', true), () => 0))).toEqual(eight);
    expect(takeSlots(gate, 'C', EPOCH, 8, bound('192.0.2.1', true), () => 0)).toEqual([]);
    expect(parseGate(formatGate(gate)).slots).toEqual(gate.slots);
    takeSlots(gate, 'C', EPOCH + 21, 8, ordinary(1), () => 0);
    expect([...gate.slots.keys()]).toEqual(['C']);
  });

  it('keeps clients apart, and forgets what no gate remembers', () => {
    const gate = newGate();
    takeSlots(gate, 'A', EPOCH, 8, ordinary(8), () => 0);
    expect(takeSlots(gate, 'B', EPOCH, 8, ordinary(8), () => 0)[0]).toMatchObject({ epoch: EPOCH, slot: 0 });
    takeSlots(gate, 'A', EPOCH + 20, 8, ordinary(1), () => 0);
    expect(gate.slots.get('A')?.has(EPOCH)).toBe(true);
    takeSlots(gate, 'A', EPOCH + 21, 8, ordinary(1), () => 0);
    expect(gate.slots.get('A')?.has(EPOCH)).toBe(false);
  });
});

describe('grants', () => {
  const grant: Grant = { address: '192.0.2.2', from: '10.0.0.9', ports: ['tcp/22'], until: 50_000 };

  it('take the place of an older one for the same door', () => {
    const gate = newGate();
    for (const each of [grant, { ...grant, from: '10.0.0.8' }, { ...grant, until: 60_000 }]) addGrant(gate, each, 1000);
    expect(gate.grants.map(({ from, until }) => [from, until])).toEqual([
      ['10.0.0.8', 50_000],
      ['10.0.0.9', 60_000],
    ]);
  });

  it('go when they are over, or last longer than any grant can', () => {
    const gate = newGate();
    addGrant(gate, grant, 1000);
    addGrant(gate, { ...grant, from: '10.0.0.8', until: 90_000 }, 50_000);
    expect(gate.grants.map(({ from }) => from)).toEqual(['10.0.0.8']);
    addGrant(gate, { ...grant, until: 30_000 }, -70_000_000);
    expect(gate.grants).toEqual([]);
  });
});

describe('the text of the ledger', () => {
  it('reads back', () => {
    const gate = parseGate('');
    takeSlots(gate, 'C', EPOCH, 8, ordinary(3), () => 0);
    addGrant(gate, { address: 'a', from: 'b', ports: [], until: 50_000 }, 1000);
    expect(parseGate(formatGate(gate))).toEqual(gate);
  });

  it('is as documented', () => {
    const text =
      '{"version":1,"clocks":{"prod":[-300000,0]},"slots":{"C":{"59842041":[3,17]}},"known":{"C":[{"place":"192.0.2.1","atMs":5,"doubtedMs":0}]},"told":[{"local":"10.0.0.9","address":"192.0.2.7"}]}';
    const gate = parseGate(text);
    expect(gate).toEqual({
      clocks: new Map([['prod', [-300_000, 0]]]),
      slots: new Map([['C', new Map([[59842041, new Set([3, 17])]])]]),
      grants: [],
      known: new Map([['C', [{ place: '192.0.2.1', atMs: 5, doubtedMs: 0 }]]]),
      told: [{ local: '10.0.0.9', address: '192.0.2.7' }],
    });
  });

  it('counts as empty where it cannot be right, and never throws', () => {
    const broken = fc.oneof(
      fc.string(),
      fc.json(),
      fc.jsonValue().map((value) => JSON.stringify({ version: 1, clocks: value, slots: value, grants: value })),
    );
    fc.assert(
      fc.property(broken, (text) => {
        const gate = parseGate(text);
        expect(takeSlots(gate, 'C', EPOCH, 8, ordinary(1), () => 0)).toHaveLength(1);
        expect(parseGate(formatGate(gate))).toEqual(gate);
      }),
    );
    expect(parseGate('{"version":2,"clocks":{"prod":[5,0]}}').clocks.size).toBe(0);
    const odd =
      '{"version":1,"clocks":{"a":"x","b":[1],"c":[1,2],"d":[0,0],"e":[1,0,2],"f":[0.5,0]},"slots":{"C":{"x":[1],"7":["y",2]}},"grants":[{"until":1}]}';
    const gate = parseGate(odd);
    expect(gate).toEqual({
      clocks: new Map(),
      slots: new Map([['C', new Map([[7, new Set([2])]])]]),
      grants: [],
      known: new Map(),
      told: [],
    });
  });
});
