import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LoadedClient } from '../../../../server-helper/config/loaded-client.ts';
import { KnownAddresses } from '../../../../server-helper/verify/known-addresses.ts';
import { formatAddress } from '../../../../src/base/addresses.ts';
import { ALICE, address, BOB, loadedFrom, SHORTEST, temporaryFolder, WALL } from '../support.ts';

const DAY = 24 * 3600 * 1000;
const MINUTE = 60_000;

function clientOf(text = SHORTEST): LoadedClient {
  return loadedFrom(text).clients[0] ?? expect.fail();
}

function rig({ client = clientOf(), prefix = 128, path = join(temporaryFolder(), 'known') } = {}) {
  const known = new KnownAddresses(path, WALL);
  known.adopt([client], prefix, WALL);
  const note = (text: string, now = WALL) => known.note(client, address(text), now);
  const list = (of = client) => known.of(of).map(formatAddress);
  /** The same file, read by another process. */
  const again = (now = WALL, next = client, nextPrefix = prefix) => {
    const other = new KnownAddresses(path, now);
    other.adopt([next], nextPrefix, now);
    return other.of(next).map(formatAddress);
  };
  return { known, client, path, note, list, again };
}

describe('the known addresses of a client', () => {
  it('are the three last used ones in each family', () => {
    const { note, list } = rig();
    const v4 = [1, 2, 3, 4].map((n) => `192.0.2.${n}`);
    const v6 = [1, 2, 3, 4].map((n) => `2001:db8:${n}::1`);
    for (const [i, text] of [...v4, ...v6].entries()) expect(note(text, WALL + i)).toBe(true);
    expect(list()).toEqual([...v6.slice(1).reverse(), ...v4.slice(1).reverse()]);
  });

  it('are kept when they are used, however often', () => {
    const { note, list } = rig();
    for (const [i, n] of [1, 2, 3].entries()) note(`192.0.2.${n}`, WALL + i);
    expect(note('192.0.2.1', WALL + MINUTE)).toBe(false);
    expect(note('192.0.2.4', WALL + 2 * MINUTE)).toBe(true);
    expect(list()).toEqual(['192.0.2.4', '192.0.2.1', '192.0.2.3']);
  });

  it('are forgotten a week after they were last used', () => {
    const { known, note, list, client } = rig();
    note('192.0.2.1');
    note('192.0.2.2', WALL + DAY);
    expect(known.expire(WALL + 7 * DAY)).toBe(false);
    expect(known.expire(WALL + 7 * DAY + MINUTE)).toBe(true);
    expect(list()).toEqual(['192.0.2.2']);
    known.adopt([client], 128, WALL + 8 * DAY + 1);
    expect(list()).toEqual([]);
  });

  it.each([
    [48, '2001:db8::'],
    [64, '2001:db8::'],
    [96, '2001:db8::1:2:0:0'],
    [128, '2001:db8::1:2:3:4'],
  ])('are, with ipv6_prefix = %i, %s, never wider than a /64', (prefix, kept) => {
    const { note, list } = rig({ prefix });
    note('2001:db8::1:2:3:4');
    expect(list()).toEqual([kept]);
  });

  it('never are link-local', () => {
    const { note, list } = rig();
    for (const text of ['fe80::1', 'febf:ffff::1']) expect(note(text)).toBe(false);
    expect(list()).toEqual([]);
    expect(note('fec0::1')).toBe(true);
  });

  it('are the client’s own', () => {
    const { known, note, list } = rig();
    note('192.0.2.1');
    const bob = clientOf(SHORTEST.replace(ALICE.key, BOB.key));
    expect(list(bob)).toEqual([]);
    expect(known.note(bob, address('192.0.2.2'), WALL)).toBe(true);
    expect(list()).toEqual(['192.0.2.1']);
  });

  it('are all forgotten when that is asked for, on disk too', () => {
    const { known, note, list, again } = rig();
    note('192.0.2.1');
    known.forgetAll(WALL);
    expect([list(), again()]).toEqual([[], []]);
  });
});

describe('a restart or reload', () => {
  it('keeps them', () => {
    const { known, client, note, list, again } = rig();
    note('192.0.2.1');
    known.adopt([client], 128, WALL);
    expect([list(), again()]).toEqual([['192.0.2.1'], ['192.0.2.1']]);
  });

  it.each([
    ['ports', clientOf(`[gate]\nports = ["tcp/22", "tcp/80"]\n${SHORTEST.slice(7)}ports = ["tcp/80"]\n`)],
    ['sources', clientOf(`${SHORTEST}sources = ["192.0.2.0/24"]\n`)],
    ['a psk', { ...clientOf(), pair: { ...clientOf().pair, psk: new Uint8Array(32).fill(1) } }],
  ])('with other %s forgets them', (_, changed) => {
    const { known, note, again } = rig();
    note('192.0.2.1');
    expect(again(WALL, changed)).toEqual([]);
    known.adopt([changed], 128, WALL);
    expect(known.of(changed)).toEqual([]);
    // Also when the old rights come back.
    expect(again()).toEqual([]);
  });

  it('with another ipv6_prefix, or without the client, forgets them', () => {
    const { known, client, note, list, again } = rig();
    note('192.0.2.1');
    expect(again(WALL, client, 64)).toEqual([]);
    note('192.0.2.1');
    known.adopt([], 128, WALL);
    expect(list()).toEqual([]);
  });

  it('keeps them when only the name or the dates are others', () => {
    const { note, again } = rig();
    note('192.0.2.1');
    const renamed = clientOf(`${SHORTEST.replace('"alice"', '"alice-new"')}not_after = 2100-01-01T00:00:00Z\n`);
    expect(again(WALL, renamed)).toEqual(['192.0.2.1']);
  });
});

describe('the file', () => {
  it('is its owner’s alone, and names no key but public ones', () => {
    const { path, note } = rig();
    note('192.0.2.1');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(Object.keys(JSON.parse(readFileSync(path, 'utf8')).clients)).toEqual([ALICE.key]);
  });

  it('from the future is worth nothing: the clock was set back, or it is another machine’s', () => {
    const { note, again } = rig();
    note('192.0.2.1');
    note('192.0.2.2', WALL + 1000);
    expect(again(WALL + 999)).toEqual([]);
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"version":2,"clients":{}}',
    '{"version":1,"clients":[]}',
    '{"version":1,"clients":{"x":null}}',
    `{"version":1,"clients":{"${ALICE.key}":{"digest":7,"addresses":{"192.0.2.1":1}}}}`,
    `{"version":1,"clients":{"${ALICE.key}":{"digest":"x","addresses":{"192.0.2.1":1}}}}`,
  ])('that is broken (%s) makes nobody known, and is written anew', (text) => {
    const path = join(temporaryFolder(), 'known');
    writeFileSync(path, text);
    const { note, list, again } = rig({ path });
    expect(list()).toEqual([]);
    note('192.0.2.1');
    expect(again()).toEqual(['192.0.2.1']);
  });

  it('gives the entries that are whole', () => {
    const { path, note, again } = rig();
    note('192.0.2.1');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('"192.0.2.1":', '"nowhere":1,"192.0.2.9":"x","192.0.2.8":1.5,"192.0.2.1":'));
    expect(again()).toEqual(['192.0.2.1']);
  });

  it('that cannot be written leaves them known for as long as the process runs', () => {
    const path = join(temporaryFolder(), 'known');
    mkdirSync(join(path, 'in-the-way'), { recursive: true });
    const { note, list } = rig({ path });
    expect(note('192.0.2.1')).toBe(true);
    expect(list()).toEqual(['192.0.2.1']);
  });

  it('says within an hour when an address was last used', () => {
    const { note, again } = rig();
    note('192.0.2.1');
    note('192.0.2.1', WALL + 59 * MINUTE);
    expect(again(WALL + 7 * DAY + MINUTE)).toEqual([]);
    const other = rig();
    other.note('192.0.2.1');
    other.note('192.0.2.1', WALL + 61 * MINUTE);
    expect(other.again(WALL + 7 * DAY + MINUTE)).toEqual(['192.0.2.1']);
  });
});
