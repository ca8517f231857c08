import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePort } from '../../../src/base/ports.ts';
import { faultOfSteps, STEPS } from '../../../src/sequence/steps.ts';

const steps = (...texts: string[]) => texts.map((text) => parsePort(text));
const run = (first: number, by: number, count: number) =>
  Array.from({ length: count }, (_, i) => `tcp/${first + i * by}`);

describe('steps that a gate should not open to', () => {
  it.each([
    ['too few', steps('tcp/1', 'tcp/9'), '3 to 16 steps, this one has 2'],
    ['too many', steps(...run(1, 2, 17)), 'this one has 17'],
    ['one that follows itself', steps('tcp/1', 'tcp/9', 'tcp/9'), 'tcp/9 follows itself'],
    ['an ascending run', steps('tcp/7000', 'tcp/7001', 'tcp/7002'), 'plain scan'],
    ['a descending run', steps('udp/7002', 'udp/7001', 'udp/7000'), 'plain scan'],
  ])('%s', (_, given, words) => {
    expect(faultOfSteps(given)).toContain(words);
  });

  it.each([
    ["knockd's own example", steps('tcp/7000', 'tcp/8000', 'tcp/9000')],
    ['a run through two protocols', steps('tcp/7000', 'udp/7001', 'tcp/7002')],
    ['the same port later again', steps('tcp/1', 'tcp/9', 'tcp/1')],
  ])('are not %s', (_, given) => {
    expect(faultOfSteps(given)).toBeUndefined();
  });

  it('are few: one jump between different ports is enough', () => {
    const port = fc.record({
      protocol: fc.constantFrom('tcp' as const, 'udp' as const),
      port: fc.integer({ min: 1, max: 65535 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(port, { selector: ({ port }) => port, minLength: 4, maxLength: STEPS.most }),
        (given) => {
          const gaps = given.slice(1).map((step, i) => Math.abs(step.port - (given[i]?.port ?? 0)));
          fc.pre(gaps.some((gap) => gap !== 1));
          expect(faultOfSteps(given)).toBeUndefined();
        },
      ),
    );
  });
});
