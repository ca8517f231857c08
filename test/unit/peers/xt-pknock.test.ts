import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../src/base/addresses.ts';
import { sealXtPknock, xtPknockSecret } from '../../../src/peers/xt-pknock.ts';
import { nobleCrypto } from '../../../src/spa/crypto-noble.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import vectors from '../../vectors/xt-pknock.json' with { type: 'json' };
import { followSteps, type Release, readXtPknock, type Step } from './read-xt-pknock.ts';

const PROVIDERS = [
  { name: 'node', crypto: nodeCrypto },
  { name: 'noble', crypto: nobleCrypto(nodeCrypto.randomBytes) },
];
const SOURCE = parseAddress('203.0.113.7') ?? new Uint8Array(16);
const MINUTE = Math.floor(vectors.real_s / 60);
const seal = (crypto: typeof nodeCrypto, secret: string, minute: number) =>
  Buffer.from(sealXtPknock(crypto, xtPknockSecret(secret) ?? new Uint8Array(0), SOURCE, minute));
const hmacs = vectors.vectors.flatMap((vector) => {
  const { opensecret, payload_hex: hex } = vector;
  return opensecret === undefined || hex === undefined ? [] : [{ ...vector, opensecret, hex }];
});
const sequences = vectors.vectors.flatMap((vector) => {
  const { rule, steps } = vector;
  return rule === undefined ? [] : [{ ...vector, rule, steps }];
});

/** Vectors in which a packet before the shown one has changed what the server does with it, or in which only the port is wrong. */
const BY_HISTORY = ['close secret on closed', 'open then close', 'other port'];
/** Vectors about more than the order of knocks: other sources, grants that end, ports without a rule, the collector of old attempts. */
const BEYOND = [
  'gap before last, gc ran',
  'knocks from two sources',
  'autoclose 1, after 61 s',
  'any other port after allowed (rule has no --dport)',
];

describe.each(PROVIDERS)('a datagram for xt_pknock, $name', ({ crypto }) => {
  it('is the vectors that the real match takes', () => {
    const good = Object.fromEntries(hmacs.map(({ build, name, payload }) => [`${build} ${name}`, payload]));
    expect(String(seal(crypto, 'foo', MINUTE))).toBe(good['master bad then good']);
    expect(String(seal(crypto, 'foo', MINUTE + 1))).toBe(good['master open, close, open one minute later']);
    expect(String(seal(crypto, 'foo', vectors.uptime_s % 60))).toBe(good['3.23 uptime mod 60']);
  });
});

describe('the reader of these tests', () => {
  it.each(hmacs.filter(({ name }) => !BY_HISTORY.includes(name)))(
    'judges $build $name as the real match does',
    (vector) => {
      const { build, opensecret, src, real_s: real, uptime_s: uptime, hex } = vector;
      const read = readXtPknock(build as Release, opensecret, src, { real, uptime }, Buffer.from(hex, 'hex'));
      expect(read).toBe(vector.allowed_afterwards);
    },
  );

  it.each(sequences.filter(({ name }) => !BEYOND.includes(name)))(
    'follows $build $name as the real match does',
    (vector) => {
      expect(followSteps(vector.rule, vector.steps as unknown as Step[])).toBe(vector.final_match);
    },
  );

  it('names every vector that it does not judge', () => {
    const names = new Set(vectors.vectors.map(({ name }) => name));
    for (const name of [...BY_HISTORY, ...BEYOND]) expect(names).toContain(name);
  });

  it('reads what we seal, and not with another secret, source or minute; a replay within the minute it takes', () => {
    const now = { real: vectors.real_s, uptime: 1 };
    const datagram = seal(nodeCrypto, 'foo', MINUTE);
    expect(readXtPknock('master', 'foo', '203.0.113.7', now, datagram)).toBe(true);
    expect(readXtPknock('master', 'foo', '203.0.113.7', now, datagram)).toBe(true);
    expect(readXtPknock('master', 'bar', '203.0.113.7', now, datagram)).toBe(false);
    expect(readXtPknock('master', 'foo', '203.0.113.8', now, datagram)).toBe(false);
    expect(readXtPknock('master', 'foo', '203.0.113.7', { ...now, real: now.real + 60 }, datagram)).toBe(false);
  });
});

describe('a secret of xt_pknock', () => {
  it('counts up to its 31st byte', () => {
    expect(seal(nodeCrypto, 'a'.repeat(31), 1)).toEqual(seal(nodeCrypto, 'a'.repeat(40), 1));
    for (const text of ['', 'a\0']) expect(xtPknockSecret(text)).toBeUndefined();
  });
});
