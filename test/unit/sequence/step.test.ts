import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../../src/base/problem.ts';
import { formatSequenceLine, isSequenceLine, parseSequenceLine } from '../../../src/sequence/line.ts';
import { canBeBoth, formatKnockStep, formatStep, parseStep, type SequenceStep } from '../../../src/sequence/step.ts';

const span = (least: number, most: number) =>
  fc.tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most })).map((ends) => ({
    first: Math.min(...ends),
    last: Math.max(...ends),
  }));
const times = fc.record(
  { afterMs: fc.integer({ min: 1, max: 5000 }), withinMs: fc.integer({ min: 5001, max: 60_000 }) },
  { requiredKeys: [] },
);
const toPort = fc
  .tuple(
    fc.record({ protocol: fc.constantFrom('tcp' as const, 'udp' as const), port: fc.integer({ min: 1, max: 65_535 }) }),
    fc.record({ length: span(20, 65_507), sport: span(1, 65_535) }, { requiredKeys: [] }),
    times,
  )
  .map((parts): SequenceStep => Object.assign({}, ...parts));
const ping = fc
  .tuple(
    fc.constant({ protocol: 'icmp', port: 0 }),
    fc.record({ length: span(0, 65_507) }, { requiredKeys: [] }),
    times,
  )
  .map((parts): SequenceStep => Object.assign({}, ...parts));
/** Times of more than ten seconds are whole ones. */
const step = fc.oneof(toPort, ping).map((each) => parseStep(formatStep(each).replace(/=(\d\d)\d{3}ms/, '=$1s')));

describe('a step of a sequence', () => {
  it.each([
    ['tcp/7000', { protocol: 'tcp', port: 7000 }],
    ['7000', { protocol: 'tcp', port: 7000 }],
    ['7000:UDP', { protocol: 'udp', port: 7000 }],
    ['icmp', { protocol: 'icmp', port: 0 }],
    ['7000:udp:length=32', { protocol: 'udp', port: 7000, length: { first: 32, last: 32 } }],
    [
      'udp/7000:within=3s:sport=4000-4100:after=500ms',
      { protocol: 'udp', port: 7000, sport: { first: 4000, last: 4100 }, afterMs: 500, withinMs: 3000 },
    ],
  ])('%s', (text, read) => {
    expect(parseStep(text)).toEqual(read);
  });

  it.each([
    '',
    'icmp/1',
    'sctp/1',
    '70000',
    '07000',
    'tcp/0',
    'tcp/1-2',
    'tcp/*',
    'tcp/1:',
    'tcp/1:length',
    '7000:tcp:udp',
  ])('is not %j', (text) => {
    expect(() => parseStep(text)).toThrow('is invalid');
  });

  it('is read as it was written, in both notations', () => {
    fc.assert(
      fc.property(step, (each) => {
        expect(parseStep(formatStep(each))).toEqual(each);
        expect(parseStep(formatKnockStep(each))).toEqual(each);
      }),
    );
  });

  it('is one for a packet as well as another only where all that counts can be the same', () => {
    const both = (a: string, b: string) => canBeBoth(parseStep(a), parseStep(b));
    expect(both('udp/1', 'udp/1:length=5')).toBe(true);
    expect(both('udp/1:length=1-5', 'udp/1:length=5-9:sport=3')).toBe(true);
    expect(both('udp/1:length=1-5', 'udp/1:length=6')).toBe(false);
    expect(both('udp/1:length=5:sport=3', 'udp/1:length=5:sport=4')).toBe(false);
    expect(both('udp/1', 'tcp/1')).toBe(false);
    expect(both('icmp', 'icmp:length=5')).toBe(true);
  });
});

describe('the line of a sequence', () => {
  it('is read as it was written', () => {
    const line = fc.record({
      address: fc.constantFrom('192.0.2.1', '2001:db8::1', 'door.example'),
      steps: fc.array(step, { minLength: 1, maxLength: 16 }),
      ports: fc.constant([{ protocol: 'tcp' as const, port: 22 }]),
      name: fc.constantFrom('door', 'alice@home'),
    });
    fc.assert(
      fc.property(line, (each) => {
        const text = formatSequenceLine(each);
        expect([isSequenceLine(text), parseSequenceLine(`  ${text.replaceAll(' ', '\t ')}\n`)]).toEqual([true, each]);
      }),
    );
  });

  it.each([
    'knockgate1 sequence 192.0.2.1 7000,8000 tcp/22',
    'knockgate1 sequence 192.0.2.1 7000,8000 tcp/22 door more',
    'knockgate1 sequence 192.0.2.1 7000,8000:icmp tcp/22 door',
    'knockgate1 sequence a..b 7000 tcp/22 door',
    'knockgate1 sequence 192.0.2.1 7000 ssh door',
    'knockgate1 sequence 192.0.2.1 7000 tcp/22 $(id)',
  ])('is not %j', (line) => {
    expect(() => parseSequenceLine(line)).toThrow(Problem);
  });
});
