import type { FirewallPlan } from './firewall.ts';
import { TABLE } from './table-name.ts';

/** The chain that packets of fwknop go through. */
const CHAIN = 'fwknop';

const UDP_HEADER = 8;

/** Shape of a packet that the kernel checks: its possible sizes in bytes, and the characters of base64 that it can begin with. */
interface Shape {
  readonly least: number;
  readonly most: number;
  readonly first: readonly string[];
}

/** Of a client that uses Rijndael: the last bits of "Salted__". */
const RIJNDAEL: Shape = { least: 140, most: 1300, first: [...'+/89'] };

/**
 * Where GnuPG's mode is taken as well: the rest of a length below 1,024, which is that of a session key for RSA of up to 8,000
 * bits; or, for a key on a curve as GnuPG frames it, "4".
 */
const WITH_GPG: Shape = { least: 140, most: 1500, first: [...RIJNDAEL.first, ...'4ABCDEFGHIJKLMNOP'] };

/** Bytes of a packet that are handed over: the longest, and its headers. */
const SNAPLEN = 1600;

/**
 * Of the packets a second that reach the daemon, what one address may send: one that floods leaves the rest to the others. A
 * network of IPv6 counts as one address: its owner has all of them.
 */
const SHARE = 5;
const SOURCES = [
  { set: 'fwknop_sources4', type: 'ipv4_addr', source: 'ip saddr' },
  { set: 'fwknop_sources6', type: 'ipv6_addr', source: 'ip6 saddr & ffff:ffff:ffff:ffff::' },
] as const;
/** Addresses that are told apart at a time. With more of them, all of the newer ones share what is left. */
const TOLD_APART = 65_536;

/**
 * Sends what comes to fwknop's port into its chain; none where no such packets are heard.
 * @param which a match and a blank, for those of them that are meant
 */
export function fwknopJump({ fwknop }: FirewallPlan, which: string): string[] {
  return fwknop === undefined ? [] : [`udp dport ${fwknop.port} ${which}jump ${CHAIN}`];
}

/**
 * The chain's part of the table. No tag tells the kernel which packets are genuine, so no more of them reach the daemon than it
 * has time for, and no more than its share from one address. What has not the shape of one does not count.
 */
export function renderFwknopTable({ fwknop, capture, decoys }: FirewallPlan): string[] {
  if (fwknop === undefined) return [];
  const { rate, nflogGroup, gpg } = fwknop;
  const { least, most, first } = gpg ? WITH_GPG : RIJNDAEL;
  const lengths = `${UDP_HEADER + least}-${UDP_HEADER + most}`;
  const characters = first.map((character) => `0x${character.charCodeAt(0).toString(16)}`).join(', ');
  const perSource = Math.max(1, Math.floor(rate / SHARE));
  const toDaemon =
    capture === 'socket' ? 'accept' : `log group ${nflogGroup} snaplen ${SNAPLEN} queue-threshold 1 drop`;
  return [
    ...SOURCES.map(
      ({ set, type }) =>
        `add set ${TABLE} ${set} { type ${type}; flags dynamic,timeout; timeout 1m; size ${TOLD_APART}; }`,
    ),
    `add counter ${TABLE} fwknop_heard`,
    `add counter ${TABLE} fwknop_dropped`,
    `add chain ${TABLE} ${CHAIN}`,
    `flush chain ${TABLE} ${CHAIN}`,
    `add rule ${TABLE} ${CHAIN} meta nfproto ipv6 ip6 nexthdr != udp drop`,
    `add rule ${TABLE} ${CHAIN} udp length != ${lengths} counter name fwknop_dropped drop`,
    `add rule ${TABLE} ${CHAIN} @th,64,8 != { ${characters} } counter name fwknop_dropped drop`,
    ...(decoys?.maybe ?? []).map((rule) => `add rule ${TABLE} ${CHAIN} ${rule}`),
    ...SOURCES.map(
      ({ set, source }) =>
        `add rule ${TABLE} ${CHAIN} add @${set} { ${source} limit rate over ${perSource}/second burst ${perSource} packets } counter name fwknop_dropped drop`,
    ),
    `add rule ${TABLE} ${CHAIN} limit rate ${rate}/second burst ${rate} packets counter name fwknop_heard ${toDaemon}`,
    `add rule ${TABLE} ${CHAIN} counter name fwknop_dropped drop`,
  ];
}

/**
 * Lets in packets for a bound socket: everything else to the port was dropped before.
 * @param open the verdict
 */
export function fwknopAccepted({ fwknop }: FirewallPlan, open: string): string[] {
  return fwknop === undefined ? [] : [`udp dport ${fwknop.port} ${open}`];
}
