import { describe, expect, it } from 'vitest';
import type { SequencePlan } from '../../../../server-helper/firewall/firewall.ts';
import { parseOrigins } from '../../../../server-helper/firewall/listing.ts';
import type { Completed } from '../../../../server-helper/firewall/sequence-log.ts';
import { addOrigins, type KnownOrigins, originRules } from '../../../../server-helper/sequence/origins.ts';
import { formatAddress } from '../../../../src/base/addresses.ts';

const SSH = { protocol: 'tcp', port: 22 } as const;
const plan = (of: Completed['of'], name: string): SequencePlan => {
  const rest = { steps: [], stepSeconds: 5, ports: [SSH], seconds: 30, sources: [], once: undefined, log: undefined };
  return { whose: { of, name }, ...rest };
};
/** The mark in the rules for a port. */
const markIn = (sequence: SequencePlan, port: Parameters<typeof originRules>[1]) =>
  Number(/ (0x[0-9a-f]+) /.exec(originRules(sequence, port).join())?.[1]);
/** The output of nft for a set of these elements. */
const listed = (...elements: unknown[]) =>
  JSON.stringify({ nftables: [{ metainfo: {} }, { set: { elem: elements } }] });

describe('the origin of a grant', () => {
  it('is noted by the kernel for both versions of IP, for as long as the grant lasts', () => {
    const mark = `0x${markIn(plan('sequence', 'door'), SSH).toString(16)}`;
    expect(originRules(plan('sequence', 'door'), SSH)).toEqual([
      `update @sequence_origins4 { ip saddr . ${mark} . 22 timeout 30s }`,
      `update @sequence_origins6 { ip6 saddr . ${mark} . 22 timeout 30s }`,
    ]);
  });

  it('is known again by a mark that is made of the name, and different for a client, a protocol, another name', () => {
    const known: KnownOrigins = new Map();
    const all = [plan('sequence', 'door'), plan('client', 'door'), plan('client', 'alice')];
    addOrigins(known, all);
    expect(known.size).toBe(6);
    for (const [i, shown] of ['sequence door', 'door', 'alice'].entries())
      for (const protocol of ['tcp', 'udp'] as const)
        expect(known.get(markIn(all[i] ?? plan('client', ''), { protocol, port: 22 }))).toBe(shown);
  });

  it('is read from the list of nft, which may hold other things', () => {
    const val = { concat: ['2001:db8::1', 7, 22] };
    const json = listed({ elem: { val, timeout: 30, expires: 29 } }, { val }, 'x', { elem: { val: 'y', expires: 3 } });
    expect(parseOrigins(json).map((each) => ({ ...each, address: formatAddress(each.address) }))).toEqual([
      { address: '2001:db8::1', mark: 7, port: 22, seconds: 29 },
    ]);
  });
});
