import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ONE_TIME_BITS, ONE_TIME_PORTS, oneTimeSequence, timeStepAt } from '../../../src/sequence/one-time.ts';
import { faultOfSteps } from '../../../src/sequence/steps.ts';
import { nobleCrypto } from '../../../src/spa/crypto-noble.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';

const PROVIDERS = { node: nodeCrypto, noble: nobleCrypto((length) => randomBytes(length)) };
const KEY = new Uint8Array(32).map((_, i) => i);

/** Ports as the documentation has them, computed once more. */
function ports(key: Uint8Array, client: string, timeStep: number): number[] {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(timeStep));
  const digest = createHmac('sha256', key)
    .update(Buffer.concat([Buffer.from(`knockgate one-time sequence\0${client}\0`, 'latin1'), time]))
    .digest();
  const found: number[] = [];
  for (const at of [0, 2, 4, 6, 8]) {
    const port = 16384 + (digest.readUInt16BE(at) & 0x7fff);
    found.push(port === found.at(-1) ? port ^ 1 : port);
  }
  return found;
}

describe.each(Object.entries(PROVIDERS))('a one-time sequence by %s', (_, crypto) => {
  it('is the one that the documentation describes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.integer({ min: 0, max: 2 ** 40 }),
        (key, timeStep) => {
          const { steps } = oneTimeSequence(crypto, key, 'alice', timeStep);
          expect(steps.map(({ port }) => port)).toEqual(ports(key, 'alice', timeStep));
          expect(steps.every(({ protocol }) => protocol === 'udp')).toBe(true);
        },
      ),
    );
  });

  it('is this one', () => {
    expect(oneTimeSequence(crypto, KEY, 'alice-laptop', 29_000_000)).toMatchInlineSnapshot(`
      {
        "mark": 1165237695,
        "steps": [
          {
            "port": 17470,
            "protocol": "udp",
          },
          {
            "port": 23864,
            "protocol": "udp",
          },
          {
            "port": 28887,
            "protocol": "udp",
          },
          {
            "port": 26806,
            "protocol": "udp",
          },
          {
            "port": 20605,
            "protocol": "udp",
          },
        ],
      }
    `);
  });

  it('is one that a gate accepts, within its ports', () => {
    for (let timeStep = 0; timeStep < 2000; timeStep++) {
      const { steps, mark } = oneTimeSequence(crypto, KEY, 'alice', timeStep);
      expect(faultOfSteps(steps)).toBeUndefined();
      expect(steps.every(({ port }) => port >= ONE_TIME_PORTS.first && port <= ONE_TIME_PORTS.last)).toBe(true);
      expect(mark).toBe(mark >>> 0);
    }
  });
});

describe('time steps and strength', () => {
  it('are minutes since 1970', () => {
    expect([0, 59_999, 60_000, 1_800_000_000_000].map(timeStepAt)).toEqual([0, 0, 1, 30_000_000]);
  });

  it('are 75 bits: five ports of 32768', () => {
    const { steps } = oneTimeSequence(nodeCrypto, KEY, 'alice', 1);
    expect((ONE_TIME_PORTS.last - ONE_TIME_PORTS.first + 1) ** steps.length).toBe(2 ** ONE_TIME_BITS);
  });

  it('differs by client and by minute', () => {
    const texts = ['alice', 'bob'].flatMap((client) =>
      [1, 2, 3].map((timeStep) => JSON.stringify(oneTimeSequence(nodeCrypto, KEY, client, timeStep))),
    );
    expect(new Set(texts).size).toBe(6);
  });
});
