import { LINK, type Pair, run, TARGET4, TARGET6 } from './netns.ts';
import { loadNft } from './nft.ts';
import { must } from './process.ts';

/** An address of the target whose route is in a routing table of its own, as with a VRF. */
export const ROUTED4 = '198.51.100.1';
const ROUTED6 = '2001:db8:5::1';
/** Addresses that no interface has, translated to the target's own. */
export const VIRTUAL4 = '198.51.100.2';
const VIRTUAL6 = '2001:db8:5::2';
/** A port that leads to sshd's. */
export const REDIRECTED = 2222;

/** Every address of `giveOtherAddresses`, by what it is. */
export const OTHER_ADDRESSES: readonly [string, string][] = [
  ['in a second routing table', ROUTED4],
  ['in a second routing table, IPv6', ROUTED6],
  ['translated to ours', VIRTUAL4],
  ['translated to ours, IPv6', VIRTUAL6],
];

const SECOND_TABLE = '100';

/** Gives the target more addresses than its interface has, and a port that leads to another. Its own rules come after any gate's. */
export async function giveOtherAddresses({ client, target }: Pair): Promise<void> {
  for (const [address, prefix, via] of [
    [ROUTED4, 32, TARGET4],
    [ROUTED6, 128, TARGET6],
  ] as const) {
    const ip = (ns: string, ...words: string[]) => must(['ip', '-n', ns, prefix === 32 ? '-4' : '-6', ...words]);
    await ip(target, 'addr', 'add', `${address}/${prefix}`, 'dev', 'lo');
    await ip(target, 'route', 'add', 'local', address, 'dev', 'lo', 'table', SECOND_TABLE);
    await ip(target, 'rule', 'add', 'to', address, 'lookup', SECOND_TABLE);
    await ip(target, 'route', 'del', 'local', address, 'table', 'local');
    await ip(client, 'route', 'add', address, 'via', via, 'dev', LINK);
  }
  for (const [address, via] of [
    [VIRTUAL4, TARGET4],
    [VIRTUAL6, TARGET6],
  ])
    await must(['ip', '-n', client, 'route', 'add', address ?? '', 'via', via ?? '', 'dev', LINK]);
  await run(target, ['sysctl', '-qw', 'net.ipv6.conf.all.forwarding=0']);
  await loadNft(
    target,
    `table inet others {
      chain translated {
        type nat hook prerouting priority dstnat;
        ip daddr ${VIRTUAL4} dnat ip to ${TARGET4}
        ip6 daddr ${VIRTUAL6} dnat ip6 to ${TARGET6}
        tcp dport ${REDIRECTED} redirect to :22
      }
    }`,
  );
}
